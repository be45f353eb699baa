import type * as Connections from "../../connections/driver.ts";
import type { Timer } from "../../connections/timer.ts";
import { ioredisShard } from "./ioredis-shard.ts";
import type { IoredisClient, NodeRedisClient } from "./redis-client.ts";
import { explained } from "./redis-handshake.ts";

/** What happens to a connection that had come about. */
export interface ConnectionEvents extends Connections.ConnectionEvents {
  message?(channel: string, message: string): void;
  /** The server has ended the subscription to this channel of a shard, since its slot is elsewhere by now. */
  moved?(channel: string): void;
}

/**
 * One connection, the same over both libraries. It never comes back by itself: their attempts to
 * reconnect use what the client was made with, report a failure only after the pause that follows it,
 * and hold on to the sockets of all attempts.
 */
export interface Driver extends Connections.Driver<readonly string[]> {
  subscribe(channels: readonly string[]): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /**
   * The same for channels of a shard, all of one slot. On a connection without other channels: where the last channel
   * of either kind is unsubscribed from, ioredis takes the connection for one without any.
   */
  subscribeShard?(channels: readonly string[]): Promise<unknown>;
  unsubscribeShard?(channel: string): Promise<unknown>;
  /** Once it is connected, it keeps the process alive no longer. */
  unref(): void;
  /** What each Sentinel says, in the order of their addresses. Only where there are some. */
  survey?(): Promise<readonly SentinelAnswer[]>;
}

export type SentinelAnswer =
  | {
      /** That it names. */
      readonly primary: string;
      /** How many other Sentinels it knows, if it says so. */
      readonly others: number | undefined;
      /** The same for two addresses of one Sentinel. */
      readonly sentinel: unknown;
    }
  | { readonly failure: unknown };

/** Makes a connection with the settings of this moment. It does not connect yet. */
export type OpenDriver = (events: ConnectionEvents) => Driver;

/** How connections are made, whatever they lead to. */
export interface Opening {
  readonly timer: Timer;
  /** What every single connection needs, also those to Sentinels and to nodes of a cluster. */
  prepare(open: OpenDriver): OpenDriver;
}

const CONNECT_TIMEOUT = 2000;

/** An idle connection that died is noticed 10 s after this, for the system probes it every second. */
const KEEP_ALIVE = 5000;

/** Under these no command waits unseen: it is sent now, or it fails now (ioredis#2130, #2193). */
export const ioredisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  enableAutoPipelining: false,
  // A request has a deadline of its own, and an idle subscriber is no fault.
  commandTimeout: undefined,
  socketTimeout: undefined,
  connectTimeout: CONNECT_TIMEOUT,
  // Otherwise a closed connection keeps the process for 2 s.
  disconnectTimeout: 0,
  keepAlive: KEEP_ALIVE,
  retryStrategy: null,
  sentinelRetryStrategy: null,
  // It asks for INFO, which may be forbidden, and prints a warning then. We check by ourselves.
  enableReadyCheck: false,
  // Of a client that watches what others send: such a connection may ask for nothing.
  monitor: false,
} as const;

/** Makes a node-redis client for these options, which are new each time: the library writes into them. */
type MakeNodeRedis = (options: { readonly socket: object }) => NodeRedisClient;

export function ioredisDriver(client: IoredisClient, events: ConnectionEvents): Driver {
  const { lost, message } = events;
  let fault: { readonly error: Error } | undefined;
  on<[error: Error]>(client, "error", (error) => {
    fault ??= { error };
  });
  // What happened on the way, such as a Sentinel that did not answer, is not held against it.
  on(client, "connect", () => {
    fault = undefined;
  });
  on(client, "close", lost);
  if (message !== undefined) on(client, "message", message);
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        const settle = (error?: unknown) => {
          const reason = fault?.error ?? error;
          if (reason === undefined) resolve();
          else reject(explained(reason, client.options?.tls !== undefined));
        };
        // It may never settle what was sent before (ioredis#2193).
        on(client, "close", () => settle(new Error("the connection was lost")));
        client
          .connect()
          .then(() => checkHandshake(client))
          .then(() => settle(), settle);
      }),
    send: ([command = "", ...args]) => client.call(command, ...args),
    subscribe: (channels) => client.subscribe(...channels),
    unsubscribe: (channel) => client.unsubscribe(channel),
    ...ioredisShard(client, events),
    unref: () => on(client, "connect", () => client.stream?.unref?.()),
    end: () => client.disconnect(),
  };
}

/**
 * ioredis calls itself ready before SELECT was answered, goes on when it was refused, and version 5
 * also when the connection was lost meanwhile (ioredis#2099). Whatever is answered to PING, the
 * handshake was answered before.
 */
async function checkHandshake(client: IoredisClient): Promise<void> {
  try {
    await client.call("PING");
  } catch (error) {
    const isReply = error instanceof Error && error.name === "ReplyError";
    if (!isReply || /^(NOAUTH|WRONGPASS|DENIED)\b/.test(error.message)) throw error;
  }
}

export function nodeRedisDriver(
  make: MakeNodeRedis,
  { lost, message = ignore, moved = ignore }: ConnectionEvents,
): Driver {
  const ended = new AbortController();
  const client = make({
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE,
      // It is ended at the first failure. With `false`, what it holds would stay: version 5 refuses to
      // destroy a client that gave up by itself, and its subscription to credentials with it.
      reconnectStrategy: () => 0,
      signal: ended.signal,
    },
  });
  const end = () => {
    if (client.isOpen) client.destroy();
    // The library forgets a socket that is still connecting, which then stays open for ever.
    ended.abort();
  };
  let fail: (error: unknown) => void = ignore;
  let hasShard = false;
  on<[error: unknown]>(client, "error", (error) => {
    if (client.isReady) {
      // What the server sends by itself may have been taken for an answer: none of them can be relied upon.
      if (hasShard) {
        end();
        lost();
      }
      return;
    }
    fail(error);
    end();
  });
  on(client, "end", lost);
  on<[channel: string]>(client, "sharded-channel-moved", moved);
  // One function for all channels: the library counts each function once.
  const hear = (text: string, channel: string) => message(channel, text);
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        const isTls = client.options?.socket?.tls === true;
        fail = (error) => reject(explained(error, isTls));
        on(client, "ready", resolve);
        client.connect().catch(fail);
      }),
    send: (args) => client.sendCommand([...args]),
    subscribe: (channels) => client.subscribe([...channels], hear),
    unsubscribe: (channel) => client.unsubscribe(channel),
    subscribeShard: async (channels) => {
      hasShard = true;
      await client.sSubscribe?.([...channels], hear);
    },
    unsubscribeShard: async (channel) => client.sUnsubscribe?.(channel),
    unref: () => client.unref(),
    end,
  };
}

function on<Values extends unknown[]>(
  client: Pick<IoredisClient, "on">,
  event: string,
  listener: (...values: Values) => void,
): void {
  // Their libraries type these loosely, and call each with what its event carries.
  client.on(event, listener as () => void);
}

function ignore(): void {}
