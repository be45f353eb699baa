import type { Driver } from "./redis-driver.ts";

type OnMessage = (message: string | undefined) => void;

/** Channels on a connection of their own, which lives as long as anybody listens. */
export class RedisSubscriber {
  readonly #open: () => Driver;
  readonly #channels = new Map<string, Set<OnMessage>>();
  #connection: { driver: Driver; stopListening: () => void } | undefined;

  constructor(open: () => Driver) {
    this.#open = open;
  }

  add(channel: string, onMessage: OnMessage): () => void {
    const own: OnMessage = (message) => onMessage(message);
    const listeners = this.#channels.get(channel);
    if (listeners === undefined) {
      this.#channels.set(channel, new Set([own]));
      this.#subscribe(channel);
    } else {
      listeners.add(own);
    }
    return () => this.#remove(channel, own);
  }

  close(): void {
    this.#channels.clear();
    this.#drop();
  }

  /** Leaves a connection that may be half open; a message may have been missed on it. */
  reconnect(): void {
    this.#drop();
    if (this.#channels.size > 0) this.#connect();
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.stopListening();
    connection.driver.listen({});
    connection.driver.end();
  }

  #remove(channel: string, own: OnMessage): void {
    const listeners = this.#channels.get(channel);
    if (listeners === undefined || !listeners.delete(own) || listeners.size > 0) return;
    this.#channels.delete(channel);
    if (this.#channels.size === 0) this.#drop();
    else this.#unsubscribe(channel);
  }

  #unsubscribe(channel: string): void {
    this.#connection?.driver.unsubscribe(channel).then(
      () => {
        // Whoever came back meanwhile may have been unsubscribed with it.
        if (this.#channels.has(channel)) this.#subscribe(channel);
      },
      () => {},
    );
  }

  #subscribe(channel: string): void {
    const { driver } = this.#connect();
    if (!driver.isReady) return;
    driver.subscribe(channel).then(
      () => this.#tell(channel, undefined),
      // Denied or cut off: then there are no hints, and the elector looks by itself.
      () => {},
    );
  }

  #connect(): { driver: Driver } {
    if (this.#connection !== undefined) return this.#connection;
    const driver = this.#open();
    const stopListening = driver.listen({
      ready: () => {
        for (const channel of this.#channels.keys()) this.#subscribe(channel);
      },
      message: (channel, message) => this.#tell(channel, message),
    });
    this.#connection = { driver, stopListening };
    driver.connect();
    return this.#connection;
  }

  #tell(channel: string, message: string | undefined): void {
    for (const listener of [...(this.#channels.get(channel) ?? [])]) listener(message);
  }
}
