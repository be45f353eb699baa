import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Elector } from "../../../src/elector/elector.ts";
import { RedisElector } from "../../../src/redis.ts";
import { RedisQuorumElector, RedisQuorumStore } from "../../../src/redis-quorum.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { RedisStoreOptions } from "../../../src/stores/redis/redis-options.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

let redis: RedisServer;
const stores: RedisStore[] = [];

function open(options: RedisStoreOptions = {}): RedisStore {
  const store = new RedisStore(redis.url, options);
  stores.push(store);
  return store;
}

async function win(store: RedisStore, key: string, fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest(key, fields);
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return { asked, token: reply.token };
}

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await redis.command("CONFIG", "SET", "maxmemory", "0");
  await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
  await redis.command("FLUSHALL");
  await redis.settle();
});
afterAll(() => redis.stop());

describe("a lease on Redis", () => {
  test("is one hash at the key, without a ttl of its own", async () => {
    await redis.settle();
    await win(open(), "job", { nodeId: "api-7", metadata: "http://here" });
    expect(await redis.command("TYPE", "job")).toBe("hash");
    expect(await redis.command("TTL", "job")).toBe("-1");
    expect(await redis.command("HGET", "job", "node")).toBe("api-7");
  });

  test("shows the metadata of its last renewal, and notifies the watchers of a new one", async () => {
    const store = open();
    const { asked, token } = await win(store, "job", { metadata: "before" });
    const heard: string[] = [];
    const unwatch = store.watch("job", (hint) => heard.push(hint));
    await expect.poll(() => heard).toEqual(["released"]);
    await store.renew(renewRequest(asked, token));
    await store.renew(renewRequest(asked, token, { metadata: "after" }));
    expect(await store.read(request("job"))).toMatchObject({ metadata: "after" });
    await expect.poll(() => heard).toEqual(["released", "changed"]);
    await store.renew(renewRequest(asked, token, { metadata: "after", nodeId: "renamed" }));
    await expect.poll(() => heard).toEqual(["released", "changed", "changed"]);
    unwatch();
  });

  test("has a token above what the candidate saw elsewhere", async () => {
    const above = 9_000_000_000_000_000 - 10;
    expect((await win(open(), "job", { above })).token).toBe(above + 1);
  });

  test("is announced by a hint when it is released, to every watcher, and when it changes hands", async () => {
    const store = open();
    const { asked } = await win(store, "job");
    const watching = open();
    const heard: string[] = [];
    const unwatch = watching.watch("job", (hint) => heard.push(hint));
    // The first hint says that the subscription stands: something may have been missed before.
    await expect.poll(() => heard).toEqual(["released"]);
    await store.release({ ...request("job"), nonce: asked.nonce });
    await expect.poll(() => heard).toEqual(["released", "released"]);
    await win(store, "job");
    await expect.poll(() => heard).toEqual(["released", "released", "changed"]);
    unwatch();
  });
});

test("a long list of elections is read without a warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  try {
    await redis.settle();
    const store = open();
    const names = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    for (const name of names) await win(store, name);
    const { clock, signal } = request("");
    expect((await store.keys({ clock, signal })).sort()).toEqual(names.sort());
    await sleep(1); // Warnings come with the next tick.
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", onWarning);
  }
});

test("lists the keys of its own prefix, as electors know them", async () => {
  for (const keyPrefix of ["app:", "other:"]) {
    const client = new Redis({ port: redis.port, keyPrefix, lazyConnect: true });
    const store = new RedisStore(client, { restartGuard: false });
    stores.push(store);
    await win(store, `${keyPrefix}job`);
    expect(await store.keys(request(""))).toEqual([`${keyPrefix}job`]);
  }
});

describe("a server that lost its memory", () => {
  const inQuarantine = { granted: false, reason: "quarantine" };

  test("elects no leader for one ttl from when that was noticed, then with a larger token", async () => {
    const store = open();
    const { token } = await win(store, "job", { ttl: 300 });
    await redis.command("FLUSHALL");
    const reply = await store.acquire(acquireRequest("job", { ttl: 300 }));
    expect(reply).toMatchObject(inQuarantine);
    if (reply.granted || reply.retryIn === undefined) throw new Error("the refusal has no wait");
    expect(reply.retryIn).toBeGreaterThan(250);
    await sleep(reply.retryIn + 1);
    expect((await win(store, "job", { ttl: 300 })).token).toBeGreaterThan(token);
  });

  test("lets the sitting leader restore its lease, which ends neither quarantine nor floor", async () => {
    const store = open();
    const { asked, token } = await win(store, "job", { ttl: 2_000 });
    await redis.command("FLUSHALL");
    expect(await store.acquire(acquireRequest("job", { ttl: 2_000 }))).toMatchObject(inQuarantine);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await store.read(request("job"))).toMatchObject({ token });
    expect(Number(await redis.command("HGET", "job", "floor"))).toBeGreaterThan(token);
    await store.release({ ...request("job"), nonce: asked.nonce });
    expect(await store.acquire(acquireRequest("job", { ttl: 2_000 }))).toMatchObject(inQuarantine);
  });

  test("is noticed once for all elections: a key that comes later waits only for the rest", async () => {
    const store = open();
    await redis.command("FLUSHALL");
    await store.acquire(acquireRequest("first", { ttl: 5000 }));
    await sleep(200);
    const reply = await store.acquire(acquireRequest("second", { ttl: 5000 }));
    if (reply.granted) throw new Error("elected in the quarantine");
    expect(reply.retryIn).toBeLessThan(4801);
  });

  test("is distinguished from one whose memory is intact: a new key there does not wait", async () => {
    const store = open();
    await win(store, "old", { ttl: 100 });
    await win(store, "brand-new");
  });

  test("is known by another run_id, also when the data came back", async () => {
    const store = open();
    const { asked, token } = await win(store, "job", { ttl: 300 });
    // As if the hash and the stamp had been loaded by another server process.
    await redis.command("HSET", "job", "run", "0".repeat(40));
    await redis.command("HSET", "incumbent:server", "run", "0".repeat(40));
    expect(await store.acquire(acquireRequest("job", { ttl: 300 }))).toMatchObject(inQuarantine);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("is not waited for without the restart guard", async () => {
    const store = open({ restartGuard: false });
    await redis.command("FLUSHALL");
    await win(store, "job");
  });

  test("waits as long as the longest ttl of any candidate, if that is given", async () => {
    const store = open({ quarantine: 5000 });
    await redis.command("FLUSHALL");
    const reply = await store.acquire(acquireRequest("job", { ttl: 300 }));
    if (reply.granted) throw new Error("elected in the quarantine");
    expect(reply.retryIn).toBeGreaterThan(4000);
  });

  test("waits as long as the candidate's own ttl, if a shorter time is given", async () => {
    const store = open({ quarantine: 0 });
    await redis.command("FLUSHALL");
    const reply = await store.acquire(acquireRequest("job", { ttl: 60_000 }));
    expect(reply).toMatchObject(inQuarantine);
    expect(reply.granted || reply.retryIn).toBeGreaterThan(50_000);
  });

  test("may be one that evicts: a missing key alone counts, under allkeys-*", async () => {
    const store = open();
    await redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    expect(await store.acquire(acquireRequest("job", { ttl: 300 }))).toMatchObject(inQuarantine);
    await sleep(301);
    await win(store, "job");
  });
});

describe("the counter-examples to leaving a rule out", () => {
  test("A: the clean-up of a failed attempt does not free the lease of the next one", async () => {
    const store = open();
    const failed = acquireRequest("job");
    await win(store, "job");
    await store.release({ ...request("job"), nonce: failed.nonce });
    expect(await store.read(request("job"))).toBeDefined();
  });

  test("C: a restored lease does not let its own process win again inside the quarantine", async () => {
    const store = open();
    const { asked, token } = await win(store, "job", { ttl: 300 });
    await redis.command("FLUSHALL");
    await store.renew(renewRequest(asked, token));
    const again = await store.acquire(acquireRequest("job", { ttl: 300 }));
    expect(again.granted).toBe(false);
  });

  test("D: a token is not given twice when an older lease is restored after a loss", async () => {
    const store = open();
    const first = await win(store, "job", { ttl: 300 });
    await store.release({ ...request("job"), nonce: first.asked.nonce });
    const second = await win(store, "job", { ttl: 300 });
    await store.release({ ...request("job"), nonce: second.asked.nonce });
    await redis.command("FLUSHALL");
    await store.renew(renewRequest(first.asked, first.token));
    await sleep(310);
    const third = await win(store, "job", { ttl: 300 });
    expect(third.token).toBeGreaterThan(second.token);
  });

  test("E: a late attempt of one's own overwrites nothing", async () => {
    const store = open();
    const { token } = await win(store, "job", { nodeId: "one" });
    const late = acquireRequest("job", { nodeId: "one" });
    expect((await store.acquire(late)).granted).toBe(false);
    await store.release({ ...request("job"), nonce: late.nonce });
    expect(await store.read(request("job"))).toMatchObject({ token });
  });

  test("an older term restores nothing over a newer one that was rolled back into sight", async () => {
    const store = open();
    const older = await win(store, "job", { ttl: 300 });
    await store.release({ ...request("job"), nonce: older.asked.nonce });
    const newer = await win(store, "job", { ttl: 300 });
    await redis.command("FLUSHALL");
    await store.renew(renewRequest(newer.asked, newer.token));
    expect(await store.renew(renewRequest(older.asked, older.token))).toMatchObject({
      renewed: false,
    });
  });
});

describe("what a person or a full server does to the key", () => {
  test("DEL is a forced release: the leader restores its lease if no other candidate came first", async () => {
    const store = open();
    const { asked, token } = await win(store, "job");
    await redis.command("DEL", "job");
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    await redis.command("DEL", "job");
    expect((await win(store, "job")).token).toBeGreaterThan(token);
    expect(await store.renew(renewRequest(asked, token))).toMatchObject({ reason: "superseded" });
  });

  test("SCRIPT FLUSH is not noticed", async () => {
    const store = open();
    const { asked, token } = await win(store, "job");
    await redis.command("SCRIPT", "FLUSH");
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("a Redlock string counts as a live lease of another process, until it has gone", async () => {
    const store = open();
    await redis.command("SET", "job", "a-random-value", "PX", "200");
    const reply = await store.acquire(acquireRequest("job"));
    if (reply.granted) throw new Error("overwrote a lock");
    expect(reply).toMatchObject({ reason: "held", leader: { nodeId: "redlock", token: 0 } });
    expect(reply.retryIn).toBeLessThanOrEqual(200);
    await sleep(210);
    await win(store, "job");
    await redis.command("SET", "for-ever", "value");
    expect(await store.acquire(acquireRequest("for-ever"))).toMatchObject({ reason: "held" });
  });

  test("no election has the key of the server's stamp: its renewal would restore an old stamp", () => {
    const own = open({ stampKey: "stamp" });
    expect(() => own.checkKey("stamp")).toThrow(
      /^key must be another key than stampKey, .*; got "stamp"/,
    );
    expect(() => new RedisElector(redis.url, "incumbent:server")).toThrow(
      /^key must be another key than stampKey/,
    );
    own.checkKey("incumbent:server");
  });

  test("a candidate asks in an uneven rhythm whether another library's lock is still there", async () => {
    const store = open();
    await redis.command("SET", "job", "a-random-value");
    const ask = () => store.acquire(acquireRequest("job", { ttl: 600 }));
    const replies = await Promise.all(Array.from({ length: 20 }, ask));
    const waits = replies.map((reply) => (reply.granted ? 0 : Number(reply.retryIn)));
    expect(new Set(waits).size).toBeGreaterThan(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(200);
  });

  test.each([
    ["a list", ["RPUSH", "job", "x"]],
    ["the hash of another program", ["HSET", "job", "field", "value"]],
  ])("%s at the key is a clear error, and is not touched", async (_, command) => {
    const store = open();
    await redis.command(...(command as [string, ...string[]]));
    const before = await redis.command("DUMP", "job");
    const occupied = { code: "INCUMBENT_KEY_OCCUPIED", applied: "no" };
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject(occupied);
    await expect(store.read(request("job"))).rejects.toMatchObject(occupied);
    expect(await redis.command("DUMP", "job")).toBe(before);
  });

  test("at maxmemory no candidate is elected, but the leader keeps its lease and can release it", async () => {
    const store = open();
    const { asked, token } = await win(store, "job");
    await redis.command("CONFIG", "SET", "maxmemory", "1mb");
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await store.release({ ...request("job"), nonce: asked.nonce })).toEqual({
      released: true,
    });
    const refused = { code: "INCUMBENT_STORE_REFUSED", applied: "no" };
    await expect(store.acquire(acquireRequest("other"))).rejects.toMatchObject(refused);
    expect(await redis.command("EXISTS", "other")).toBe("0");
  });

  test("a user without PUBLISH elects and releases all the same", async () => {
    await redis.command(
      "ACL",
      "SETUSER",
      "quiet",
      "on",
      ">pw",
      "~*",
      "+@all",
      "-publish",
      "resetchannels",
    );
    const store = new RedisStore(redis.url.replace("redis://", "redis://quiet:pw@"));
    stores.push(store);
    const { asked } = await win(store, "job");
    expect(await store.release({ ...request("job"), nonce: asked.nonce })).toEqual({
      released: true,
    });
  });

  test.each(["info", "evalsha", "hset"])(
    "a user without %s gets an error that names what is missing",
    async (command) => {
      const rules = ["on", ">pw", "~*", "&*", "+@all", `-${command}`];
      await redis.command("ACL", "SETUSER", "lame", "reset", ...rules);
      const store = new RedisStore(redis.url.replace("redis://", "redis://lame:pw@"));
      stores.push(store);
      const misconfigured = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
      await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject(misconfigured);
      expect(await redis.command("EXISTS", "job")).toBe("0");
    },
  );
});

describe("G7: bad input to the store", () => {
  test.each([
    [{ restartguard: false }, /^option "restartguard" is not known; did you mean "restartGuard"/],
    [{ restartGuard: "no" }, /^restartGuard must be true or false; got "no"/],
    [{ quarantine: -1 }, /^quarantine must be a whole number/],
    [{ stampKey: "" }, /^stampKey must be a string of 1 to 512 bytes/],
    [{ stampKey: "a\u200b" }, /^stampKey must not contain .* U\+200B as character 2; got "a<U/],
  ])("the options %j", (options, message) => {
    expect(() => new RedisStore(redis.url, options as RedisStoreOptions)).toThrow(message);
  });

  test("a quarantine below the elector's own ttl, wherever both are known", () => {
    const options = { ttl: 5000, quarantine: 4999 };
    const message =
      /^quarantine must be at least the elector's ttl, here 5000, .*; got 4999\. Example/;
    const { ttl, ...own } = options;
    const several = [redis.url];
    const makers = [
      () => new RedisElector(redis.url, "job", options),
      () => new Elector(new RedisStore(redis.url, own), "job", { ttl }),
      () => new RedisQuorumElector(several, "job", options),
      () => new Elector(new RedisQuorumStore(several, own), "job", { ttl }),
    ];
    for (const make of makers) expect(make).toThrow(message);
    expect(
      () => new RedisElector(redis.url, "job", { ...options, quarantine: 5000 }),
    ).not.toThrow();
    const unguarded = { ...options, restartGuard: false };
    expect(() => new RedisElector(redis.url, "job", unguarded)).not.toThrow();
  });
});
