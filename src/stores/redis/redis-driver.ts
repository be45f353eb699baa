import type { IoredisClient, NodeRedisClient, RecognisedClient } from "./redis-client.ts";

/** What happens to a connection. */
export interface ConnectionEvents {
  /** Commands can be sent. Again after every reconnect. */
  ready(): void;
  /** The connection has gone, or did not come about; what was sent may never be answered. */
  lost(): void;
  error(error: unknown): void;
  message(channel: string, message: string): void;
}

/** One connection, the same over both libraries. */
export interface Driver {
  readonly isReady: boolean;
  send(args: readonly string[]): Promise<unknown>;
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

/** An idle connection that died is noticed 10 s after this, for the system probes it every second. */
const KEEP_ALIVE = 5000;

/** How long to wait before the next attempt to connect: 50 ms at first, 1 s in the end. */
const retryDelay = (attempts: number): number => Math.min(1000, 50 * 2 ** Math.min(attempts, 10));

/**
 * Under these no command waits unseen: it is sent now, or it fails now (ioredis#2130, #2193).
 *
 * `enableReadyCheck` stays as it is, which is on: without it, ioredis 5 takes a connection for ready
 * that was lost in its handshake, and never connects again (ioredis#2099).
 */
export const ioredisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  maxLoadingRetryTime: 1000,
  connectTimeout: CONNECT_TIMEOUT,
  // Otherwise a closed connection keeps the process for 2 s.
  disconnectTimeout: 0,
  keepAlive: KEEP_ALIVE,
  retryStrategy: retryDelay,
} as const;

/** Makes a node-redis client for these options, which are new each time: the library writes into them. */
type MakeNodeRedis = (options: { readonly socket: object }) => NodeRedisClient;

/** Makes connections of our own, to the server of the user's client. They do not connect yet. */
export function copiesOf(recognised: RecognisedClient): () => Driver {
  if (recognised.library === "ioredis") {
    const { client } = recognised;
    return () => ioredisDriver(client.duplicate(ioredisOptions));
  }
  const { client } = recognised;
  return () =>
    nodeRedisDriver(({ socket }) =>
      client.duplicate({
        disableOfflineQueue: true,
        // The user's cache would be emptied whenever a copy is closed.
        clientSideCache: undefined,
        emitInvalidate: undefined,
        // The address stands there, if not in the URL. An idle subscriber is no fault.
        socket: { ...client.options?.socket, socketTimeout: undefined, ...socket },
      }),
    );
}

export function ioredisDriver(client: IoredisClient): Driver {
  return {
    get isReady() {
      return client.status === "ready";
    },
    send: ([command = "", ...args]) => client.call(command, ...args),
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

export function nodeRedisDriver(make: MakeNodeRedis): Driver {
  const ended = new AbortController();
  const client = make({
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE,
      reconnectStrategy: retryDelay,
      signal: ended.signal,
    },
  });
  let onMessage: ConnectionEvents["message"] = ignore;
  // One function for all channels: the library subscribes anew by itself after a reconnect, and counts
  // each function once.
  const hear = (message: string, channel: string) => onMessage(channel, message);
  return {
    get isReady() {
      return client.isReady;
    },
    send: (args) => client.sendCommand([...args]),
    connect: () => void client.connect().catch(ignore),
    subscribe: (channel) => client.subscribe(channel, hear),
    unsubscribe: (channel) => client.unsubscribe(channel),
    listen: (events) => {
      onMessage = events.message ?? ignore;
      const { ready, lost, error = ignore } = events;
      return listenTo(client, { ready, reconnecting: lost, end: lost, error });
    },
    end: () => {
      if (client.isOpen) client.destroy();
      // The library forgets a socket that is still connecting, which then stays open for ever.
      ended.abort();
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
