import type { IoredisClient, NodeRedisClient, RecognisedClient } from "./redis-client.ts";

/** What happens to a connection. */
export interface ConnectionEvents {
  /** Commands can be sent. Again after every reconnect. */
  ready(): void;
  /** The connection has gone; what was sent on it may never be answered. */
  lost(): void;
  error(error: unknown): void;
  message(channel: string, message: string): void;
}

/** One connection, the same over both libraries. */
export interface Driver {
  readonly isReady: boolean;
  send(args: readonly string[]): Promise<unknown>;
  /** A connection of our own to the same server. It does not connect yet. */
  duplicate(): Driver;
  /** Connects, and again and again for as long as it takes. */
  connect(): void;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /** Listens until the returned function is called. */
  listen(events: Partial<ConnectionEvents>): () => void;
  /** Ends the connection at once. */
  end(): void;
}

const CONNECT_TIMEOUT = 2000;

/** How long to wait before the next attempt to connect: 50 ms at first, 1 s in the end. */
const retryDelay = (attempts: number): number => Math.min(1000, 50 * 2 ** Math.min(attempts, 10));

/** Under these no command waits unseen: it is sent now, or it fails now (ioredis#2130, #2193). */
export const ioredisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT,
  retryStrategy: retryDelay,
  // It would ask for INFO, which a subscriber may not have the right to; LOADING says it all.
  enableReadyCheck: false,
} as const;

/** Without `socket`: a copy of the user's client must keep the address that stands there. */
export const nodeRedisOptions = { disableOfflineQueue: true } as const;

/** A new object each time, because the library writes the address into it. */
export const nodeRedisSocket = () => ({
  connectTimeout: CONNECT_TIMEOUT,
  reconnectStrategy: retryDelay,
});

export function driverOf(recognised: RecognisedClient): Driver {
  return recognised.library === "ioredis"
    ? ioredisDriver(recognised.client)
    : nodeRedisDriver(recognised.client);
}

function ioredisDriver(client: IoredisClient): Driver {
  return {
    get isReady() {
      return client.status === "ready";
    },
    send: ([command = "", ...args]) => client.call(command, ...args),
    duplicate: () => ioredisDriver(client.duplicate(ioredisOptions)),
    connect: () => void client.connect().catch(ignore),
    subscribe: (channel) => client.subscribe(channel),
    unsubscribe: (channel) => client.unsubscribe(channel),
    listen: (events) =>
      listenTo(client, {
        ready: events.ready,
        close: events.lost,
        error: events.error ?? ignore,
        message: events.message,
      }),
    end: () => client.disconnect(),
  };
}

function nodeRedisDriver(client: NodeRedisClient): Driver {
  let onMessage: ConnectionEvents["message"] = ignore;
  // The library subscribes anew by itself after a reconnect; twice would be heard twice.
  const subscribed = new Set<string>();
  return {
    get isReady() {
      return client.isReady;
    },
    send: (args) => client.sendCommand([...args]),
    duplicate: () => nodeRedisDriver(client.duplicate(nodeRedisOptions)),
    connect: () => void client.connect().catch(ignore),
    subscribe: async (channel) => {
      if (subscribed.has(channel)) return;
      await client.subscribe(channel, (message) => onMessage(channel, message));
      subscribed.add(channel);
    },
    unsubscribe: (channel) => {
      subscribed.delete(channel);
      return client.unsubscribe(channel);
    },
    listen: (events) => {
      onMessage = events.message ?? ignore;
      const { ready, lost, error = ignore } = events;
      return listenTo(client, { ready, reconnecting: lost, end: lost, error });
    },
    end: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

type Emitter = Pick<IoredisClient, "on" | "off">;

function listenTo(
  emitter: Emitter,
  listeners: Readonly<Record<string, ((...values: never[]) => void) | undefined>>,
): () => void {
  const attached = Object.entries(listeners).flatMap(([event, listener]) =>
    // Their libraries type these loosely, and call each with what its event carries.
    listener === undefined ? [] : [{ event, listener: listener as () => void }],
  );
  for (const { event, listener } of attached) emitter.on(event, listener);
  return () => {
    for (const { event, listener } of attached) emitter.off(event, listener);
  };
}

function ignore(): void {}
