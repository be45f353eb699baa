import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { RedisQuorumStore } from "../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

let servers: RedisServer[];

beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

describe("the Redis quorum store", () => {
  checkStore(test, {
    setUp: async () => {
      // Servers whose memory has long been known: there is no quarantine for new keys.
      await Promise.all(servers.map((server) => server.settle()));
      return {
        open: () => new RedisQuorumStore(servers.map(({ url }) => url)),
        loseData: async () => {
          await Promise.all(servers.map((server) => server.command("FLUSHALL")));
        },
      };
    },
    patience: 10_000,
    // A leader outlives a restart of all servers only by the store that won its lease, and the rule opens
    // another: `redis-quorum-store.test.ts` shows it.
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
      ...{ splitVotes: true, survivesRestart: false, guardsLostData: true },
      // The servers begin a lease one after the other, and may renew it until the last of them has ended it.
      granularity: 50,
    },
  });
});
