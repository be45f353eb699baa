import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RedisQuorumStore } from "../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest } from "../../support/requests.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

/** Each candidate is up to so many ms away from each server, so that they overtake each other. */
const DELAY = 5;

let servers: RedisServer[];
let proxies: TcpProxy[] = [];
let stores: RedisQuorumStore[] = [];

beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  await Promise.all(servers.map((server) => server.settle()));
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  stores = [];
  proxies = [];
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** A candidate's store, which knows its servers already. */
async function open(name: string): Promise<RedisQuorumStore> {
  const own = await Promise.all(servers.map(({ port }) => startProxy(port)));
  proxies.push(...own);
  const store = new RedisQuorumStore(own.map(({ port }) => `redis://127.0.0.1:${port}`));
  stores.push(store);
  await store.acquire(acquireRequest(`of-${name}`));
  return store;
}

/** All ask until one has it, as an elector does; how many rounds any of them has begun by then. */
async function duel(key: string): Promise<number> {
  for (const proxy of proxies) proxy.delay = Math.random() * DELAY;
  const won: number[] = [];
  let begun = 0;
  const candidates = stores.map(async (store) => {
    for (let round = 1; won.length === 0; round += 1) {
      begun = Math.max(begun, round);
      const reply = await store.acquire(acquireRequest(key, { ttl: 60_000 }));
      if (reply.granted) won.push(begun);
      else await sleep(Math.min(reply.retryIn ?? 1000, 1000));
    }
  });
  await Promise.all(candidates);
  expect(won, "one wins, and only one").toHaveLength(1);
  return won[0] ?? 0;
}

export function duels(counts: readonly number[], number: number): void {
  describe("candidates that start together", () => {
    test.each(counts)("%i of them: one wins within a few rounds", async (count) => {
      for (let index = 0; index < count; index += 1) await open(`candidate-${count}-${index}`);
      const rounds: number[] = [];
      for (let index = 0; index < number; index += 1) {
        rounds.push(await duel(`duel-${count}-${index}`));
      }
      rounds.sort((a, b) => a - b);
      const [median, most] = [rounds[Math.floor(number / 2)] ?? 0, rounds.at(-1) ?? 0];
      process.stdout.write(`  ${count} candidates: median ${median}, at most ${most} rounds\n`);
      expect(median).toBeLessThanOrEqual(4);
      expect(most).toBeLessThanOrEqual(10);
    });
  });
}
