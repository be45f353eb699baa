import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../../src/elector/elector.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { acquireRequest } from "../../../support/requests.ts";

let server: RedisServer;
let admin: Redis;
beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

function open(url = server.url): RedisStore {
  const store = new RedisStore(url, { restartGuard: false });
  onTestFinished(() => store.close());
  return store;
}

/** How many calls of a script the server has had. */
async function calls(): Promise<number> {
  const stats = await admin.info("commandstats");
  const counts = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Asks for the leases of these keys in one tick. */
function acquireAll(store: RedisStore, keys: readonly string[]) {
  return Promise.allSettled(keys.map((key) => store.acquire(acquireRequest(key))));
}

const keysOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}:${at}`);

describe("requests of one tick", () => {
  test("travel in calls of two hundred", async () => {
    const store = open();
    await store.read(acquireRequest("first"));
    const before = await calls();
    const outcomes = await acquireAll(store, keysOf("tick", 1000));
    expect(outcomes.every(({ status }) => status === "fulfilled")).toBe(true);
    // The first learns which server it is, alone; the script may have to be sent twice.
    expect((await calls()) - before).toBeLessThanOrEqual(5 + 4);
  });

  test("are judged each for itself: a foreign key harms no other", async () => {
    await admin.rpush("foreign:3", "a list");
    const outcomes = await acquireAll(open(), keysOf("foreign", 10));
    const failed = outcomes.flatMap(({ status }, at) => (status === "rejected" ? [at] : []));
    expect(failed).toEqual([3]);
    expect(outcomes[3]).toMatchObject({ reason: { code: "INCUMBENT_KEY_OCCUPIED" } });
  });

  test("are judged each for itself: a denied key harms no other, then and later", async () => {
    await admin.call("ACL", "SETUSER", "half", "on", ">secret", "+@all", "~denied:*", "&*");
    await admin.call("ACL", "SETUSER", "half", "resetkeys", "~denied:1*", "~incumbent:server");
    const store = open(server.url.replace("redis://", "redis://half:secret@"));
    for (let round = 0; round < 2; round += 1) {
      const keys = [...keysOf("denied:1", 30), "denied:2"];
      const outcomes = await acquireAll(store, keys);
      const failed = outcomes.flatMap(({ status }, at) => (status === "rejected" ? [at] : []));
      expect(failed).toEqual([30]);
      expect(outcomes[30]).toMatchObject({ reason: { code: "INCUMBENT_STORE_MISCONFIGURED" } });
    }
  });

  test("with long metadata are divided by their bytes", async () => {
    const store = open();
    await store.read(acquireRequest("first"));
    const before = await calls();
    const metadata = "x".repeat(4096);
    const asked = keysOf("long", 64).map((key) => store.acquire(acquireRequest(key, { metadata })));
    for (const reply of await Promise.all(asked)) expect(reply.granted).toBe(true);
    expect((await calls()) - before).toBeGreaterThanOrEqual(4);
  });
});

test("a thousand leaders of one process renew in a few calls", async () => {
  const store = open();
  const electors = keysOf("led", 1000).map((key) => new Elector(store, key, { ttl: 6000 }));
  onTestFinished(async () => {
    await Promise.all(electors.map((elector) => elector.stop()));
  });
  for (const elector of electors) await elector.start();
  await Promise.all(electors.map((elector) => elector.waitForLeadership()));
  let renewed = 0;
  const before = await calls();
  await new Promise<void>((resolve) => {
    for (const elector of electors) {
      elector.on("renewed", () => {
        renewed += 1;
        if (renewed === electors.length) resolve();
      });
    }
  });
  expect((await calls()) - before).toBeLessThanOrEqual(electors.length / 20);
});
