import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { RedisElector } from "../../../../src/redis.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { locks } from "../../../../src/stores/redis/script/redis-script-locks.ts";
import { RedisQuorumStore } from "../../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { acquireRequest } from "../../../support/requests.ts";
import { claims } from "./lock-claims.ts";

const OPTIONS = { alsoLock: "job", restartGuard: false };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.command("FLUSHALL"));
afterAll(() => redis.stop());

test("a lock without expiry is shown as the leader's, and waited for until it is deleted", async () => {
  await redis.command("SET", "job", "theirs");
  const elector = new RedisElector(redis.url, "job", { ttl: 1000, restartGuard: false });
  const failures: unknown[] = [];
  elector.on("storeError", ({ error }) => failures.push(error));
  await elector.start();
  try {
    const status = await elector.settled();
    expect(status).toMatchObject({ role: "follower", leader: { nodeId: "redlock" } });
    expect(await elector.leader()).toMatchObject({ expiresIn: Number.POSITIVE_INFINITY });
    await redis.command("DEL", "job");
    await elector.waitForLeadership();
    expect(failures).toEqual([]);
  } finally {
    await elector.stop();
  }
});

describe("with alsoLock", () => {
  test.each(Object.entries(claims))("%s", async (_title, claim) => {
    const store = new RedisStore(redis.url, OPTIONS);
    try {
      await claim({ store, redis });
    } finally {
      await store.close();
    }
  });

  test("each of several servers holds the lock of a quorum's leader, and gives it back", async () => {
    const others = await Promise.all([startRedis(), startRedis()]);
    const store = new RedisQuorumStore(
      [redis, ...others].map(({ url }) => url),
      OPTIONS,
    );
    try {
      const asked = acquireRequest("job:leader", { ttl: 10_000 });
      expect(await store.acquire(asked)).toMatchObject({ granted: true });
      const values = () => Promise.all([redis, ...others].map((one) => one.command("GET", "job")));
      await expect.poll(values).toEqual([asked.nonce, asked.nonce, asked.nonce]);
      expect(await store.release(asked)).toEqual({ released: true });
      await expect.poll(values).toEqual(["", "", ""]);
    } finally {
      await store.close();
      await Promise.all(others.map((other) => other.stop()));
    }
  });

  test("a URL names the lock, and * in it stands for the election", async () => {
    const store = new RedisStore(`${redis.url}?alsoLock=locks:*&restartGuard=false`);
    try {
      const [one, two] = [acquireRequest("one"), acquireRequest("two")];
      await Promise.all([store.acquire(one), store.acquire(two)]);
      expect(await redis.command("MGET", "locks:one", "locks:two")).toBe(
        `${one.nonce}\n${two.nonce}`,
      );
    } finally {
      await store.close();
    }
  });

  test("a lock that cannot be one of its own is refused by name", () => {
    const code = "INCUMBENT_INVALID_OPTION";
    const single = new RedisStore(redis.url, { alsoLock: "job" });
    expect(() => single.checkKey("job")).toThrow(
      /^alsoLock must be another key than the election's/,
    );
    const stamped = new RedisStore(redis.url, { alsoLock: "*:lock", stampKey: "job:lock" });
    expect(() => stamped.checkKey("job")).toThrow(
      /^alsoLock must be another key than stampKey, which holds the server's stamp/,
    );
    single.checkKey("one");
    single.checkKey("one");
    expect(() => single.checkKey("two")).toThrow(
      /^alsoLock must contain a \* .* if the store serves/,
    );
    expect(() => new RedisStore(redis.url, { alsoLock: "*" }).checkKey("one")).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => new RedisStore(redis.url, { alsoLock: "" })).toThrow(/^alsoLock must/);
  });
});

/** Mistakes that one could make in the script, each a part of it and what stands in its place. */
const mistakes: Record<string, readonly [part: string, instead: string]> = {
  "overlooks the other library's lock": ["if not value or value == e.nonce then", "do"],
  "takes the lock of its own ended lease for another's": [
    "value == e.nonce",
    "(e.live and value == e.nonce)",
  ],
  "takes a lost lock for another's": ["not value or", ""],
  "does not take the lock": [
    "local taken = lock(e, at)\n  -- Without",
    "local taken = {}\n  -- Without",
  ],
  "does not prolong it": ["local taken = lock(e, at)\n  if", "local taken = {}\n  if"],
  "does not give it back": ["redis.call('DEL', e.lock)", "do end"],
  "gives back what it does not hold": ["if reply[1] == 'released' then", "do"],
  "lets the lock end a thousand times too late": ["ARGV[at + 5] / 1000", "ARGV[at + 5]"],
  "gives the lock no expiry": [", 'PX', int(math.ceil(ARGV[at + 5] / 1000))", ""],
  "writes a value that is not the attempt's": ["e.lock, ARGV[at + 2],", "e.lock, 'mine',"],
  "keeps a lease without its lock": [
    "save(e, 'nonce', '', 'exp', '0')\n    error(taken)",
    "do end",
  ],
  "takes a list for a free lock": ["if type(value) == 'table' then", "if false then"],
};

describe("a script", () => {
  test.each(Object.entries(mistakes))("that %s is noticed", async (_title, [part, instead]) => {
    expect(locks.split(part)).toHaveLength(2);
    vi.resetModules();
    vi.doMock("../../../../src/stores/redis/script/redis-script-locks.ts", () => ({
      locks: locks.replace(part, instead),
    }));
    const wrong = await import("../../../../src/stores/redis/redis-store.ts");
    vi.doUnmock("../../../../src/stores/redis/script/redis-script-locks.ts");
    const store = new wrong.RedisStore(redis.url, OPTIONS);
    const brokenBy = async (claim: (typeof claims)[string]) => {
      await redis.command("FLUSHALL");
      return claim({ store, redis }).then(
        () => false,
        () => true,
      );
    };
    try {
      let isNoticed = false;
      for (const claim of Object.values(claims)) isNoticed ||= await brokenBy(claim);
      expect(isNoticed).toBe(true);
    } finally {
      await store.close();
    }
  });
});
