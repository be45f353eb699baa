import type { AddressMap, Place } from "../client/address.ts";
import { type GlideClusterClient, isGlideCluster } from "../client/glide-client.ts";
import type { IoredisClient, NodeRedisClient } from "../client/redis-client.ts";

/** The part of a cluster client of ioredis (5, 6) that is used. Not its type, so as not to depend on it. */
export interface IoredisCluster {
  readonly isCluster: boolean;
  readonly status: string;
  readonly options: {
    readonly keyPrefix?: string | undefined;
    readonly natMap?: AddressMap | undefined;
    readonly redisOptions?: object | undefined;
  };
  nodes(role?: "all"): IoredisClient[];
  duplicate(startupNodes?: Place[], options?: object): IoredisCluster;
  connect(): Promise<void>;
  disconnect(): void;
  on(event: string, listener: () => void): unknown;
  ssubscribe?(...channels: string[]): unknown;
}

/** The part of a cluster client of node-redis (5, 6) that is used. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly object[];
  duplicate(overrides?: object): NodeRedisCluster;
  destroy(): void;
  on(event: string, listener: () => void): unknown;
}

/** A client of the user's for a Redis Cluster: of ioredis or node-redis (5 or 6), iovalkey or Valkey GLIDE (2). */
export type RedisClusterClient = IoredisCluster | NodeRedisCluster | GlideClusterClient;

/** What a cluster client of node-redis has that its types do not promise in every version. */
export interface NodeRedisClusterInside extends NodeRedisCluster {
  readonly _options: {
    readonly rootNodes: readonly {
      readonly url?: string;
      readonly socket?: Partial<Place> & object;
    }[];
    readonly defaults?: { readonly socket?: object };
    readonly nodeAddressMap?: AddressMap;
  };
  duplicate(overrides?: object): NodeRedisClusterInside;
  /** Makes the node a client, which it leaves in `client` at once, and connects it. */
  nodeClient(node: ClusterNodeOfNodeRedis): Promise<unknown>;
}

/** What `nodeClient` works on. */
export interface ClusterNodeOfNodeRedis extends Place {
  readonly address: string;
  readonly readonly: boolean;
  client?: NodeRedisClient;
}

/** Which library a cluster client is from. */
export type RecognisedCluster =
  | { readonly library: "ioredis"; readonly client: IoredisCluster }
  | { readonly library: "node-redis"; readonly client: NodeRedisClusterInside }
  | { readonly library: "glide"; readonly client: GlideClusterClient };

/** A cluster client, by what it can do; nothing for anything else. */
export function recogniseCluster(client: unknown): RecognisedCluster | undefined {
  if (typeof client !== "object" || client === null) return undefined;
  // The casts below rest on the members that are looked for here.
  if ("isCluster" in client && client.isCluster === true && "nodes" in client) {
    return { library: "ioredis", client: client as IoredisCluster };
  }
  if ("masters" in client && "nodeClient" in client && "_options" in client) {
    return { library: "node-redis", client: client as NodeRedisClusterInside };
  }
  return isGlideCluster(client) ? { library: "glide", client } : undefined;
}
