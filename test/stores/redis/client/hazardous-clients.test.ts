import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { Redis as Valkey } from "iovalkey";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RedisClient } from "../../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { acquireRequest, nonce, renewRequest, request } from "../../../support/requests.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
  await redis.settle();
});
afterAll(() => redis.stop());

const place = () => ({ host: "127.0.0.1", port: redis.port });

function ioredis(Library: typeof Redis6, options: object = {}) {
  const client = new Library({ ...place(), ...options });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

async function nodeRedis(make: typeof createClient | typeof createClient5, options: object = {}) {
  // Both versions take these options.
  const client = (make as typeof createClient)({ url: redis.url, ...options });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

// What is used here is the same in all three.
const [ioredis5, iovalkey] = [Redis5, Valkey] as unknown as [typeof Redis6, typeof Redis6];
const libraries = { "ioredis 6": Redis6, "ioredis 5": ioredis5, iovalkey };
const hazards: (readonly [string, () => RedisClient | Promise<RedisClient>])[] = Object.entries(
  libraries,
).flatMap(([name, library]): (typeof hazards)[number][] => [
  [
    `${name} that queues and sends again for ever`,
    () => {
      const patient = { maxRetriesPerRequest: null, retryStrategy: () => 60_000 };
      return ioredis(library, { enableOfflineQueue: true, ...patient, autoResubscribe: true });
    },
  ],
  [`${name} that was never connected`, () => ioredis(library, { lazyConnect: true })],
  [`${name} with a command timeout of 1 ms`, () => ioredis(library, { commandTimeout: 1 })],
  [`${name} that pipelines by itself`, () => ioredis(library, { enableAutoPipelining: true })],
  [
    `${name} in subscriber mode`,
    async () => {
      const client = ioredis(library);
      await client.subscribe("news");
      return client;
    },
  ],
  [
    `${name} in an open transaction`,
    async () => {
      const client = ioredis(library);
      await client.multi({ pipeline: false });
      return client;
    },
  ],
  [
    `${name} that watches what other clients send`,
    async () => {
      const monitor = await ioredis(library).monitor();
      onTestFinished(() => monitor.disconnect());
      return monitor;
    },
  ],
  [
    `${name} that waits in a blocking command`,
    () => {
      const client = ioredis(library);
      client.blpop("nothing", 0).catch(() => {});
      return client;
    },
  ],
]);

for (const [name, make] of Object.entries({
  "node-redis 6": createClient,
  "node-redis 5": createClient5,
})) {
  hazards.push(
    [`${name} with RESP3`, () => nodeRedis(make, { RESP: 3 })],
    [`${name} with RESP2`, () => nodeRedis(make, { RESP: 2 })],
    [`${name} with a timeout of 1 ms`, () => nodeRedis(make, { commandOptions: { timeout: 1 } })],
    [
      `${name} with a queue of one command, never connected`,
      () => (make as typeof createClient)({ url: redis.url, commandsQueueMaxLength: 1 }),
    ],
    [
      `${name} that reads from replicas of a cluster`,
      () => (make as typeof createClient)({ url: redis.url, readonly: true }),
    ],
    [
      `${name} in subscriber mode`,
      async () => {
        const client = await nodeRedis(make, { RESP: 2 });
        await client.subscribe("news", () => {});
        return client;
      },
    ],
    [
      `${name} that waits in a blocking command`,
      async () => {
        const client = await nodeRedis(make);
        client.blPop("nothing", 0).catch(() => {});
        return client;
      },
    ],
  );
}

hazards.push(["ioredis 6 with RESP3", () => ioredis(Redis6, { protocol: 3 })]);

describe("the store is not harmed by a client of", () => {
  test.each(hazards)("%s", async (name, make) => {
    const store = new RedisStore(await make());
    onTestFinished(() => store.close());
    const hints: string[] = [];
    const unwatch = store.watch(name, (hint) => hints.push(hint));
    const acquire = acquireRequest(name, { metadata: "ü" });
    const reply = await store.acquire(acquire);
    expect(reply).toMatchObject({ granted: true });
    const token = reply.granted ? reply.token : 0;
    expect(await store.renew(renewRequest(acquire, token))).toEqual({ renewed: true });
    expect(await store.acquire(acquireRequest(name))).toMatchObject({
      ...{ granted: false, reason: "held" },
      leader: { token, metadata: "ü" },
    });
    const late = { ...request(name), nonce: nonce() };
    expect(await store.release(late)).toEqual({ released: false });
    expect(await store.release({ ...late, nonce: acquire.nonce })).toEqual({ released: true });
    expect(await store.read(request(name))).toBeUndefined();
    await expect.poll(() => hints.length, { timeout: 5000 }).toBeGreaterThan(0);
    unwatch();
  });
});
