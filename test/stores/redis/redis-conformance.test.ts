import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe("the Redis store", () => {
  checkStore(test, {
    setUp: async () => {
      // One whose memory has long been known: there is no quarantine for new keys.
      await redis.settle();
      return {
        open: () => new RedisStore(redis.url),
        restart: async () => {
          await redis.kill();
          await redis.start();
        },
        loseData: async () => {
          await redis.command("FLUSHALL");
        },
      };
    },
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
      ...{ survivesRestart: true, guardsLostData: true },
    },
  });
});
