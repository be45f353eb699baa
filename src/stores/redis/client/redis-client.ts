import { invalid, visibleName } from "../../../input.ts";
import type { IoredisOptions } from "./client-options.ts";
import { type GlideClient, isGlide, isGlideCluster } from "./glide-client.ts";

/** The part of an ioredis client (5, 6) that is used. Not its type, so as not to depend on it. */
export interface IoredisClient {
  readonly status: string;
  /** A `Cluster` has them: it is not a client of one server, and does not compile as one. */
  readonly nodes?: undefined;
  readonly options?: IoredisOptions | undefined;
  /** Its socket, once it is connected. */
  readonly stream?: { unref?(): unknown } | undefined;
  call(command: string, ...args: string[]): Promise<unknown>;
  duplicate(options?: object): IoredisClient;
  connect(): Promise<void>;
  disconnect(): void;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  ssubscribe?(...channels: string[]): Promise<unknown>;
  sunsubscribe?(...channels: string[]): Promise<unknown>;
  /** What it is subscribed to. */
  readonly condition?: { readonly subscriber: IoredisChannels | false } | null | undefined;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** What a connection of ioredis is subscribed to. */
export interface IoredisChannels {
  channels(kind: string): string[];
}

/** The part of a node-redis client (5, 6) that is used. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options?: { readonly socket?: object & { readonly tls?: boolean } } | undefined;
  sendCommand(args: string[]): Promise<unknown>;
  duplicate(options?: object): NodeRedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  unref(): void;
  subscribe(
    channels: string | string[],
    listener: (message: string, channel: string) => void,
  ): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  sSubscribe?(
    channels: string | string[],
    listener: (message: string, channel: string) => void,
  ): Promise<void>;
  sUnsubscribe?(channel: string): Promise<void>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** The part of a client of `createSentinel` (node-redis 6) that is used. */
export interface NodeRedisSentinel {
  readonly options?: undefined;
  readonly _self: unknown;
  duplicate?(options?: object): unknown;
  getMasterNode(): unknown;
  use(work: never): unknown;
}

/** A client of the user's. */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisSentinel | GlideClient;

/** Which library a client is from. */
export type RecognisedClient =
  | { readonly library: "ioredis"; readonly client: IoredisClient }
  | { readonly library: "node-redis"; readonly client: NodeRedisClient }
  | { readonly library: "node-redis-sentinel"; readonly client: NodeRedisSentinel }
  | { readonly library: "glide"; readonly client: GlideClient };

const EXAMPLE = "new Redis() of ioredis, await createClient().connect() of redis, or a URL";

/** Distinguishes the libraries by what their clients can do. Throws `INCUMBENT_INVALID_OPTION`. */
export function recognise(client: unknown): RecognisedClient {
  if (typeof client === "object" && client !== null) {
    const isCluster = "isCluster" in client && client.isCluster === true;
    if (isCluster || "masters" in client || isGlideCluster(client)) {
      const rule =
        "must be a client of one server or of Sentinel; a server of a quorum cannot be a cluster";
      throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
    }
    if (isGlide(client)) return { library: "glide", client };
    // The casts below rest on the methods that are looked for here.
    if (has(client, "use", "getMasterNode", "getSentinelNode")) {
      return { library: "node-redis-sentinel", client: client as NodeRedisSentinel };
    }
    if (has(client, "call", "duplicate", "subscribe") && "status" in client) {
      return { library: "ioredis", client: ofPrimary(withVisiblePrefix(client as IoredisClient)) };
    }
    if (has(client, "sendCommand", "duplicate", "subscribe", "destroy") && "isOpen" in client) {
      return { library: "node-redis", client: client as NodeRedisClient };
    }
    if (has(client, "sendCommand", "duplicate", "pSubscribe", "QUIT") && !has(client, "destroy")) {
      const rule =
        "must be a client of redis 5 or 6; this one is of redis 4, which a package such as @keyv/redis 4 may have brought along";
      throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
    }
  }
  const rule =
    "must be a client of ioredis or node-redis (version 5 or 6), iovalkey or Valkey GLIDE, or a URL";
  throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
}

/** The prefix stands before every key, and decides as much as the key who competes with whom. */
function withVisiblePrefix(client: IoredisClient): IoredisClient {
  const prefix = client.options?.keyPrefix ?? "";
  if (prefix !== "") visibleName("keyPrefix", prefix, { min: 1, max: 512, example: '"billing:"' });
  return client;
}

/** One that ioredis would have connected to a replica, which refuses every lease. */
function ofPrimary(client: IoredisClient): IoredisClient {
  const { sentinels, role } = client.options ?? {};
  if (!sentinels || role === undefined || role === "master") return client;
  const rule = 'must be "master" or left out, since replicas refuse every lease';
  throw invalid({ name: "role of the client", rule, value: role, example: '"master"' });
}

function has(client: object, ...methods: string[]): boolean {
  return methods.every(
    (method) => method in client && typeof Reflect.get(client, method) === "function",
  );
}
