import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { glideOf, patterns } from "./clients.ts";

/** The others are in test/faults as well: CLIENTS=redis,redis-5,… checks them here too. */
const names = (process.env["CLIENTS"] ?? "iovalkey,glide").split(",");
const chosen = Object.entries({ ...patterns, glide: glideOf }).filter(([name]) =>
  names.includes(name),
);

/** The store has connections of its own, whatever the client of the user's does. */
describe.each(chosen)("the Redis store with a client of %s", (_, make) => {
  let redis: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    redis = await startRedis();
    client = await make(redis.url);
  });
  afterAll(() => redis.stop());

  checkStore(test, {
    setUp: async () => {
      await redis.settle();
      return {
        open: () => new RedisStore(client),
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
