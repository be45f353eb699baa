import { IncumbentError } from "../../errors.ts";
import type { Timer } from "../connections/timer.ts";
import type { RedisClient } from "../redis/client/redis-client.ts";
import type { GuardSettings } from "../redis/guard-settings.ts";
import { RedisNode } from "../redis/redis-node.ts";

/** One of the servers that elect together. */
export class QuorumNode {
  /** For messages: host and port, never a password. */
  readonly name: string;
  readonly server: RedisNode;
  readonly #inFlight = new Map<AbortController, string | undefined>();
  #owed = 0;
  #failed = false;

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(name: string, client: RedisClient | string, settings: GuardSettings, timer?: Timer) {
    this.name = name;
    this.server = new RedisNode(client, settings, timer);
  }

  /**
   * Whether it still owes an answer where the others' had been enough, or failed when it was last asked.
   * Votes that are split are not held for such a server, or a frozen one would cost every candidate a
   * whole deadline.
   */
  get isBehind(): boolean {
    return this.#owed > 0 || this.#failed;
  }

  /** Counts an answer that is owed; the returned function says that it came. */
  fallBehind(): () => void {
    this.#owed += 1;
    return () => {
      this.#owed -= 1;
    };
  }

  /**
   * Sends until the controller aborts: also when the attempt is revoked that has this nonce, and when
   * `close()` is called.
   */
  async ask<Reply>(
    controller: AbortController,
    nonce: string | undefined,
    send: (server: RedisNode) => Promise<Reply>,
  ): Promise<Reply> {
    this.#inFlight.set(controller, nonce);
    try {
      const reply = await send(this.server);
      this.#failed = false;
      return reply;
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      this.#inFlight.delete(controller);
    }
  }

  /**
   * Ends what is on its way for an attempt that is to be released: a request that is repeated, since the
   * server turned out to be another one, must not come after the release. True if there was anything.
   */
  revoke(nonce: string): boolean {
    return this.#abort("The attempt is over.", (asked) => asked === nonce);
  }

  /** A request that is no longer waited for must not open the connection again. */
  close(): Promise<void> {
    this.#abort("The store was closed.", () => true);
    return this.server.close();
  }

  #abort(why: string, applies: (nonce: string | undefined) => boolean): boolean {
    const reason = new IncumbentError("INCUMBENT_STOPPED", why);
    const ended = [...this.#inFlight].filter(([, nonce]) => applies(nonce));
    for (const [controller] of ended) controller.abort(reason);
    return ended.length > 0;
  }
}
