import { StoreError } from "../../errors.ts";
import { type RedisClient, recognise } from "./redis-client.ts";
import { copiesOf, type Driver } from "./redis-driver.ts";
import { storeErrorOf } from "./redis-errors.ts";
import { RedisLine, type Wait } from "./redis-line.ts";
import { RedisSubscriber } from "./redis-subscriber.ts";
import { driversFor } from "./redis-url.ts";

export type { Wait };

/**
 * Connections of our own to one server: one for commands, one for channels. The user's client is only
 * copied: in its connection a blocking command of the user's would hold up a renewal, and one that is
 * half open could not be ended.
 */
export class RedisConnection {
  readonly #openDriver: () => Driver;
  readonly #subscriber: RedisSubscriber;
  #line: RedisLine | undefined;

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(client: RedisClient | string) {
    this.#openDriver =
      typeof client === "string" ? driversFor(client) : copiesOf(recognise(client));
    this.#subscriber = new RedisSubscriber(this.#openDriver);
  }

  /**
   * Sends one command. Rejects with a `StoreError` that says whether it may have been carried out, as
   * soon as the signal is aborted at the latest.
   */
  async send(args: readonly string[], { clock, signal }: Wait): Promise<unknown> {
    if (signal.aborted) {
      const message = "The time for this request was over before it was sent.";
      throw new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
    }
    if (this.#line?.isSuspect()) {
      this.#drop();
      this.#subscriber.reconnect();
    }
    this.#line ??= this.#connect(clock);
    return this.#line.send(args, signal);
  }

  /**
   * Listens on a channel. `undefined` in place of a message means: subscribed anew, and something may
   * have been missed. Never throws.
   */
  subscribe(channel: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#subscriber.add(channel, onMessage);
  }

  /** Ends what was opened here. A later request opens it again. */
  async close(): Promise<void> {
    this.#subscriber.close();
    this.#drop();
  }

  #connect(clock: Wait["clock"]): RedisLine {
    try {
      return new RedisLine(this.#openDriver(), clock);
    } catch (error) {
      // The client's own rules for its options; its words may hold the URL.
      throw storeErrorOf(error);
    }
  }

  #drop(): void {
    this.#line?.end();
    this.#line = undefined;
  }
}
