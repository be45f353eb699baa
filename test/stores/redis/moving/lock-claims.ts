import assert from "node:assert/strict";
import type { AcquireRequest } from "../../../../src/stores/lease-store.ts";
import type { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import type { RedisServer } from "../../../support/redis-server.ts";
import { acquireRequest, renewRequest } from "../../../support/requests.ts";

const TTL = 60_000;
const KEY = "job:leader";
const LOCK = "job";

/** A store with `alsoLock`, and the server that it is on, which is empty. */
interface Place {
  readonly store: RedisStore;
  readonly redis: RedisServer;
}

async function win(store: RedisStore, fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest(KEY, { ttl: TTL, ...fields });
  const reply = await store.acquire(asked);
  assert.ok(reply.granted, JSON.stringify(reply));
  return { asked, token: reply.token };
}

const get = (redis: RedisServer) => redis.command("GET", LOCK);
const expiry = async (redis: RedisServer) => Number(await redis.command("PTTL", LOCK));

/** What holds of the lock that the leader has beside its lease. */
export const claims: Record<string, (place: Place) => Promise<void>> = {
  "an acquire takes the lock, with the nonce as its value, for one ttl": async ({
    store,
    redis,
  }) => {
    const { asked } = await win(store);
    assert.equal(await get(redis), asked.nonce);
    const left = await expiry(redis);
    assert.ok(left > TTL / 2 && left <= TTL, String(left));
  },
  "an acquire is refused while another library holds the lock": async ({ store, redis }) => {
    await redis.command("SET", LOCK, "theirs", "PX", "50000");
    const reply = await store.acquire(acquireRequest(KEY, { ttl: TTL }));
    assert.ok(!reply.granted && reply.reason === "held", JSON.stringify(reply));
    assert.equal(reply.leader?.nodeId, "redlock");
    // Not in 50 s: it may be given back before, without a hint.
    const retryIn = Number(reply.retryIn);
    assert.ok(retryIn >= TTL / 6 && retryIn <= TTL / 3, String(retryIn));
    assert.equal(await get(redis), "theirs");
  },
  "a renewal prolongs the lock": async ({ store, redis }) => {
    const { asked, token } = await win(store);
    await redis.command("PEXPIRE", LOCK, "5000");
    assert.deepEqual(await store.renew(renewRequest(asked, token)), { renewed: true });
    assert.ok((await expiry(redis)) > TTL / 2);
    await redis.command("PEXPIRE", LOCK, "5000");
    assert.deepEqual(await store.renew(renewRequest(asked, token)), { renewed: true });
    assert.ok((await expiry(redis)) > TTL / 2, "a second renewal does as well");
  },
  "a renewal takes a lock again that was lost": async ({ store, redis }) => {
    const { asked, token } = await win(store);
    await redis.command("DEL", LOCK);
    assert.deepEqual(await store.renew(renewRequest(asked, token)), { renewed: true });
    assert.equal(await get(redis), asked.nonce);
  },
  "a renewal is superseded if another library has the lock": async ({ store, redis }) => {
    const { asked, token } = await win(store);
    await redis.command("SET", LOCK, "theirs", "PX", "50000");
    const reply = await store.renew(renewRequest(asked, token));
    assert.deepEqual(reply, { renewed: false, reason: "superseded" });
    assert.equal(await get(redis), "theirs");
  },
  "a release gives the lock back": async ({ store, redis }) => {
    const { asked } = await win(store);
    assert.deepEqual(await store.release(asked), { released: true });
    assert.equal(await get(redis), "");
    await win(store);
  },
  "a release leaves the lock of another library": async ({ store, redis }) => {
    const { asked } = await win(store);
    await redis.command("SET", LOCK, "theirs", "PX", "50000");
    assert.deepEqual(await store.release(asked), { released: false });
    assert.equal(await get(redis), "theirs");
  },
  "a release by another attempt leaves the lock": async ({ store, redis }) => {
    const { asked } = await win(store);
    assert.deepEqual(await store.release(acquireRequest(KEY)), { released: false });
    assert.equal(await get(redis), asked.nonce);
  },
  "the lock of a lease that has ended does not keep candidates out": async ({ store, redis }) => {
    const { asked } = await win(store);
    await redis.command("HSET", KEY, "exp", "1");
    const next = await win(store);
    assert.notEqual(next.asked.nonce, asked.nonce);
    assert.equal(await get(redis), next.asked.nonce);
  },
  "a key that is no lock is an error, and nothing is granted": async ({ store, redis }) => {
    await redis.command("RPUSH", LOCK, "x");
    const code = "INCUMBENT_KEY_OCCUPIED";
    await assert.rejects(store.acquire(acquireRequest(KEY)), { code, applied: "no" });
    assert.equal(await redis.command("EXISTS", KEY), "0");
  },
  "without the right to set the lock, nothing is granted": async ({ store, redis }) => {
    const command = redis.command.bind(redis);
    await command("ACL", "SETUSER", "default", "-set");
    try {
      await assert.rejects(store.acquire(acquireRequest(KEY)), {
        code: "INCUMBENT_STORE_MISCONFIGURED",
      });
    } finally {
      await command("ACL", "SETUSER", "default", "+set");
    }
    await win(store);
  },
};
