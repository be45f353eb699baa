import { isIncumbentError, StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { type RedisClient, recognise } from "./redis-client.ts";
import { type Driver, driverOf } from "./redis-driver.ts";
import { storeErrorOf } from "./redis-errors.ts";
import { RedisSubscriber } from "./redis-subscriber.ts";
import { driversFor } from "./redis-url.ts";

/** Until when somebody waits for an answer. */
export type Wait = Pick<StoreRequest, "clock" | "signal">;

interface OpenConnection {
  readonly driver: Driver;
  readonly openedAt: number;
  readonly stopListening: () => void;
}

/** How long a connection may take to become ready before another one is tried, in ms. */
const CONNECT_PATIENCE = 3000;

/** A server that hangs is not called more often than this, in ms. */
const RECONNECT_INTERVAL = 1000;

/**
 * Connections of our own to one server: one for commands, one for channels. The user's client is only
 * copied: in its connection a blocking command of the user's would hold up a renewal, and one that is
 * half open could not be ended.
 *
 * A command waits here until it can be sent, and never inside the client.
 */
export class RedisConnection {
  readonly #openDriver: () => Driver;
  readonly #subscriber: RedisSubscriber;
  #open: OpenConnection | undefined;
  #lastError: unknown;
  /** How many answers were heard, to tell a slow server from a dead connection. */
  #answers = 0;
  readonly #waiting = new Set<() => void>();
  readonly #sent = new Set<(error: unknown) => void>();

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(client: RedisClient | string) {
    if (typeof client === "string") {
      this.#openDriver = driversFor(client);
    } else {
      const driver = driverOf(recognise(client));
      this.#openDriver = () => driver.duplicate();
    }
    this.#subscriber = new RedisSubscriber(this.#openDriver);
  }

  /**
   * Sends one command. Rejects with a `StoreError` that says whether it may have been carried out, as
   * soon as the signal is aborted at the latest.
   */
  async send(args: readonly string[], wait: Wait): Promise<unknown> {
    const open = this.#connect(wait);
    if (!open.driver.isReady) await this.#ready(wait);
    const { driver } = this.#connect(wait);
    const heard = this.#answers;
    const { promise: lost, reject: lose } = rejectable();
    this.#sent.add(lose);
    try {
      return await raced(Promise.race([this.#counted(driver.send(args)), lost]), wait.signal);
    } catch (error) {
      if (isTimeout(wait.signal) && heard === this.#answers) {
        this.#suspect(driver, wait, RECONNECT_INTERVAL);
      }
      throw error;
    } finally {
      this.#sent.delete(lose);
    }
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

  #connect({ clock }: Wait): OpenConnection {
    if (this.#open !== undefined) return this.#open;
    const driver = this.#openDriver();
    const stopListening = driver.listen({
      ready: () => {
        for (const resume of [...this.#waiting]) resume();
      },
      lost: () => this.#loseSent(),
      error: (error) => {
        this.#lastError = error;
      },
    });
    this.#open = { driver, stopListening, openedAt: clock.now() };
    driver.connect();
    return this.#open;
  }

  async #counted(answer: Promise<unknown>): Promise<unknown> {
    try {
      return await answer;
    } finally {
      this.#answers += 1;
    }
  }

  /**
   * A command was not answered in time, and nothing else either: the connection may be half open, which
   * the kernel notices after a quarter of an hour. Another one shows whether it was the server.
   */
  #suspect(driver: Driver, { clock }: Wait, patience: number): void {
    if (this.#open?.driver !== driver || clock.now() - this.#open.openedAt < patience) return;
    this.#drop();
    this.#subscriber.reconnect();
  }

  #drop(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    open.stopListening();
    // Its last words, such as an error of the socket that is being closed, interest nobody.
    open.driver.listen({});
    open.driver.end();
    this.#loseSent();
  }

  #ready(wait: Wait): Promise<void> {
    const { signal } = wait;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(onReady);
        signal.removeEventListener("abort", onAbort);
      };
      const onReady = () => {
        leave();
        resolve();
      };
      const onAbort = () => {
        leave();
        if (this.#open !== undefined) this.#suspect(this.#open.driver, wait, CONNECT_PATIENCE);
        reject(this.#unreachable());
      };
      this.#waiting.add(onReady);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  #unreachable(): StoreError {
    const error = storeErrorOf(this.#lastError ?? new Error("not connected in time"));
    return new StoreError(error.code, error.message, { cause: error.cause, applied: "no" });
  }

  #loseSent(): void {
    // ioredis never settles what it had sent before the connection was lost (ioredis#2193).
    for (const lose of [...this.#sent]) lose(new Error("the connection was lost"));
  }
}

/** Whether the wait ended by its deadline, and not because the elector was stopped. */
function isTimeout({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(isIncumbentError(reason) && reason.code === "INCUMBENT_STOPPED");
}

function rejectable(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, onReject) => {
    reject = onReject;
  });
  return { promise, reject };
}

/** The reply, or an error as soon as nobody waits for it; what comes later goes nowhere. */
async function raced(reply: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise: aborted, reject } = rejectable();
  const onAbort = () => {
    const message = "Redis did not answer in time.";
    reject(new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" }));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([reply, aborted]);
  } catch (error) {
    throw error instanceof StoreError ? error : storeErrorOf(error);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
