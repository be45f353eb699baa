import { StoreError } from "../../errors.ts";
import { type RedisClient, recognise } from "./redis-client.ts";
import { type Driver, driverOf } from "./redis-driver.ts";
import { storeErrorOf } from "./redis-errors.ts";
import { RedisSubscriber } from "./redis-subscriber.ts";
import { type ClientFactory, clientsFor } from "./redis-url.ts";

/** A Redis server as the store sees it: commands that end, and channels. */
export interface RedisConnection {
  /**
   * Sends one command. Rejects with a `StoreError` that says whether it may have been carried out; as
   * soon as the signal is aborted, whatever the client does with it.
   */
  send(args: readonly string[], signal: AbortSignal): Promise<unknown>;
  /**
   * Listens on a channel, by a connection of its own. `undefined` in place of a message means:
   * subscribed anew, and something may have been missed. Never throws.
   */
  subscribe(channel: string, onMessage: (message: string | undefined) => void): () => void;
  /** Ends what was opened here, never the user's own client. A later request opens it again. */
  close(): Promise<void>;
}

/** A connection over the user's client, or over one of ours. Connects nothing yet. */
export function connectRedis(client: RedisClient | string): RedisConnection {
  return typeof client === "string"
    ? new OwnConnection(clientsFor(client))
    : new LentConnection(driverOf(recognise(client)));
}

/** Over the user's client: used as it is, whatever state it is in. */
class LentConnection implements RedisConnection {
  readonly #driver: Driver;
  readonly #subscriber: RedisSubscriber;
  #stopListening: (() => void) | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.#subscriber = new RedisSubscriber(() => driver.duplicate());
  }

  async send(args: readonly string[], signal: AbortSignal): Promise<unknown> {
    // node-redis ends the process on an error that nobody listens to.
    this.#stopListening ??= this.#driver.listen({});
    return raced(this.#driver.send(args), signal);
  }

  subscribe(channel: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#subscriber.add(channel, onMessage);
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#subscriber.close();
  }
}

/** Over a client of ours: a command waits here until it can be sent, and never inside the client. */
class OwnConnection implements RedisConnection {
  readonly #clients: ClientFactory;
  readonly #subscriber: RedisSubscriber;
  #open: { driver: Driver; stopListening: () => void } | undefined;
  #lastError: unknown;
  readonly #waiting = new Set<() => void>();
  readonly #sent = new Set<(error: unknown) => void>();

  constructor(clients: ClientFactory) {
    this.#clients = clients;
    this.#subscriber = new RedisSubscriber(() => this.#driver().duplicate());
  }

  async send(args: readonly string[], signal: AbortSignal): Promise<unknown> {
    const driver = this.#driver();
    if (!driver.isReady) await this.#ready(signal);
    // ioredis never settles what it had sent before the connection was lost (ioredis#2193).
    let onLost: (error: unknown) => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      onLost = reject;
    });
    this.#sent.add(onLost);
    try {
      return await raced(Promise.race([driver.send(args), lost]), signal);
    } finally {
      this.#sent.delete(onLost);
    }
  }

  subscribe(channel: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#subscriber.add(channel, onMessage);
  }

  async close(): Promise<void> {
    this.#subscriber.close();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    open.stopListening();
    // Its last words, such as an error of the socket that is being closed, interest nobody.
    open.driver.listen({});
    open.driver.end();
    this.#loseSent();
  }

  #driver(): Driver {
    if (this.#open !== undefined) return this.#open.driver;
    const driver = driverOf(this.#clients.open());
    const stopListening = driver.listen({
      ready: () => {
        for (const resume of [...this.#waiting]) resume();
      },
      lost: () => this.#loseSent(),
      error: (error) => {
        this.#lastError = error;
      },
    });
    this.#open = { driver, stopListening };
    driver.connect();
    return driver;
  }

  #ready(signal: AbortSignal): Promise<void> {
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
    for (const lose of [...this.#sent]) lose(new Error("the connection was lost"));
  }
}

/** The reply, or an error as soon as nobody waits for it; what comes later goes nowhere. */
async function raced(reply: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      const message = "Redis did not answer in time.";
      reject(new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" }));
    };
  });
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
