import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../../src/conformance.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";
import { ways } from "./cluster-clients.ts";
import { SettledStore, Settler } from "./settled-store.ts";

/** The store contract on a cluster, for these ways to name it. */
export function clusterConformance(names: readonly string[]): void {
  let cluster: RedisCluster;
  let client: Cluster;
  let settler: Settler;

  beforeAll(async () => {
    cluster = await RedisCluster.start({ replicas: false });
    client = new Cluster(cluster.addresses, { lazyConnect: true });
    await client.connect();
    settler = new Settler(client);
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  describe.each(names)("the Redis store on a cluster, by %s", (way) => {
    checkStore(test, {
      setUp: async () => ({
        open: () => new SettledStore(settler, ways[way]?.(cluster) ?? ""),
        loseData: async () => {
          await Promise.all(client.nodes("master").map((node) => node.flushall()));
        },
      }),
      patience: 10_000,
      capabilities: {
        ...{ exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
        ...{ survivesRestart: false, guardsLostData: true },
      },
    });
  });
}
