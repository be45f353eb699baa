import { Cluster } from "ioredis";
import { Cluster as Cluster5 } from "ioredis-5";
import { createCluster } from "redis";
import { createCluster as createCluster5 } from "redis-5";
import type { RedisClusterClient } from "../../../../src/stores/redis/cluster/cluster-client.ts";
import type { RedisCluster } from "../../../support/redis-cluster.ts";

/** Ways to name a cluster: by URL, and by clients of every library, which only serve as a pattern. */
export const ways: Readonly<
  Record<string, (cluster: RedisCluster) => RedisClusterClient | string>
> = {
  url: ({ url }) => url,
  ioredis: ({ addresses }) => new Cluster(addresses, { lazyConnect: true }),
  "ioredis-5": ({ addresses }) => new Cluster5(addresses, { lazyConnect: true }),
  redis: ({ addresses }) => createCluster({ rootNodes: addresses.map(asSocket) }),
  "redis-5": ({ addresses }) => createCluster5({ rootNodes: addresses.map(asSocket) }),
};

function asSocket(socket: { host: string; port: number }) {
  return { socket };
}
