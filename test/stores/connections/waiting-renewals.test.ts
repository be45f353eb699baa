import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RenewRequest } from "../../../src/stores/lease-store.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest, nonce, renewRequest } from "../../support/requests.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

let redis: RedisServer;
let proxy: TcpProxy;
let store: RedisStore;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  store = new RedisStore(`redis://127.0.0.1:${proxy.port}`);
  await redis.settle();
});
afterEach(async () => {
  await store.close();
  await proxy.close();
});

/** A lease of an election of its own. */
async function win(): Promise<RenewRequest> {
  const asked = acquireRequest(`job:${nonce()}`, { ttl: 60_000 });
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return renewRequest(asked, reply.token);
}

/** As an elector asks: it keeps its own deadline. */
const ofElector = (request: RenewRequest): RenewRequest => ({ ...request, isAwaited: true });

/** How many leases the server has written so far. */
async function writes(): Promise<number> {
  const stats = await redis.command("INFO", "commandstats");
  return Number(/cmdstat_hset:calls=(\d+)/.exec(stats)?.[1]);
}

/** Renews one lease, and `others` while the answer to that is held back. Returns how many were carried out. */
async function behind(one: RenewRequest, others: readonly RenewRequest[]) {
  const before = await writes();
  proxy.mode = "hold";
  const first = store.renew(one);
  await expect.poll(() => proxy.held).toBeGreaterThan(0);
  const answers = Promise.allSettled([first, ...others.map((request) => store.renew(request))]);
  proxy.mode = "pass";
  proxy.letGo();
  const statuses = (await answers).map(({ status }) => status);
  return { statuses, carriedOut: (await writes()) - before };
}

describe("a renewal that is asked for again before it was sent", () => {
  test("is sent once, and its answer is that of all", async () => {
    const [one, two, three] = [await win(), await win(), await win()];
    const others = [two, three, two, two].map(ofElector);
    const { statuses, carriedOut } = await behind(ofElector(one), others);
    expect(statuses).toEqual(Array.from({ length: 5 }, () => "fulfilled"));
    expect(carriedOut).toBe(3);
  });

  test("does not stand for one that was sent, or for one whose signal may end it", async () => {
    const one = await win();
    const ended = { ...one, signal: AbortSignal.abort() };
    const { statuses, carriedOut } = await behind(ofElector(one), [
      ofElector(one),
      one,
      one,
      ended,
    ]);
    expect(statuses).toEqual(["fulfilled", "fulfilled", "fulfilled", "fulfilled", "rejected"]);
    expect(carriedOut).toBe(4);
  });

  test("is not carried out by the not-after of the earlier one", async () => {
    const [one, two] = [await win(), await win()];
    const early = { ...ofElector(two), notAfter: two.clock.now() };
    const { statuses, carriedOut } = await behind(ofElector(one), [early, ofElector(two)]);
    expect(statuses).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect(carriedOut).toBe(2);
  });
});
