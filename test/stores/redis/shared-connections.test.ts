import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RedisElector, type RedisElectorOptions } from "../../../src/redis.ts";
import { RedisQuorumElector } from "../../../src/redis-quorum.ts";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { patterns } from "./clients.ts";

let servers: RedisServer[];
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
  servers = [redis, await startRedis(), await startRedis()];
  await Promise.all(servers.map((server) => server.settle()));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const electors: RedisElector[] = [];
afterEach(async () => {
  await Promise.all(electors.splice(0).map((elector) => elector.stop()));
});

let keys = 0;
/** With a ttl that the slowest machine meets. */
function makeElector(client: RedisClient | string, options: RedisElectorOptions = {}) {
  keys += 1;
  const elector = new RedisElector(client, `job:${keys}`, { ttl: 60_000, ...options });
  electors.push(elector);
  return elector;
}

/** How many connections there are beside the one that asks, as soon as so many keys are watched. */
async function connections(watched: number, server = redis): Promise<number> {
  const channels = () => server.command("PUBSUB", "CHANNELS");
  await expect
    .poll(async () => (await channels()).split("\n").filter(Boolean).length)
    .toBe(watched);
  const list = await server.command("CLIENT", "LIST");
  return list.split("\n").filter((line) => !line.includes("cmd=client")).length;
}

/** All start at once and lead. */
async function lead(starting: readonly Pick<RedisElector, "start" | "waitForLeadership">[]) {
  await Promise.all(starting.map((elector) => elector.start()));
  await Promise.all(starting.map((elector) => elector.waitForLeadership()));
}

async function stop(stopping: readonly RedisElector[]) {
  const departures = await Promise.all(stopping.map((elector) => elector.stop()));
  expect(new Set(departures)).toEqual(new Set(["confirmed"]));
}

type Crowd = [count: number, name: string, clientOf: (url: string) => RedisClient | string];

const crowds: Crowd[] = [
  [1000, "one URL", (url) => url],
  [1000, "one client", (url) => new Redis(url, { lazyConnect: true })],
  ...Object.entries(patterns).map(([name, clientOf]): Crowd => [30, `one of ${name}`, clientOf]),
];

describe.each(crowds)("%i electors made with %s", (count, _, clientOf) => {
  test("have two connections until the last has stopped, and again when one starts again", async () => {
    const client = clientOf(redis.url);
    const all = Array.from({ length: count }, () => makeElector(client));
    expect(await connections(0)).toBe(0);
    await lead(all);
    expect(await connections(count)).toBe(2);
    const [last = makeElector(client), ...others] = all;
    await stop(others);
    expect(await connections(1)).toBe(2);
    expect(last.isLeader()).toBe(true);
    await stop([last]);
    await expect.poll(() => connections(0)).toBe(0);
    await lead([last]);
    expect(await connections(1)).toBe(2);
    await stop([last]);
    await expect.poll(() => connections(0)).toBe(0);
  }, 120_000);
});

describe("electors do not share connections", () => {
  test.each([
    ["made with different clients", () => [newClient(), newClient()], [{}, {}]],
    ["made with a client and a URL", () => [newClient(), redis.url], [{}, {}]],
    [
      "whose stores have different options",
      () => [redis.url, redis.url],
      [{}, { quarantine: 1e5 }],
    ],
  ])("%s", async (_, clientsOf, options) => {
    const all = clientsOf().map((client, index) => makeElector(client, options[index]));
    await lead(all);
    expect(await connections(2)).toBe(4);
    await stop(all);
    await expect.poll(() => connections(0)).toBe(0);
  });
});

test("options of the store that say the same are the same", async () => {
  const usual = { restartGuard: true, quarantine: undefined, stampKey: "incumbent:server" };
  const all = [makeElector(redis.url), makeElector(redis.url, usual)];
  await lead(all);
  expect(await connections(2)).toBe(2);
});

describe("an elector that stops", () => {
  test("does not disturb a request of another", async () => {
    const [stopping, other] = [makeElector(redis.url), makeElector(redis.url)];
    await lead([stopping, other]);
    const leader = other.leader();
    await stopping.stop();
    expect((await leader)?.nodeId).toBe(other.nodeId);
  });

  test.each([
    [
      "while it stops",
      async (stop: () => Promise<unknown>, start: () => Promise<unknown>) => {
        await Promise.all([stop(), start()]);
      },
    ],
    [
      "when it has stopped",
      async (stop: () => Promise<unknown>, start: () => Promise<unknown>) => {
        await stop();
        await start();
      },
    ],
  ])("as the last one costs another that starts %s no request", async (_, inTurn) => {
    const errors: unknown[] = [];
    const pair = [makeElector(redis.url), makeElector(redis.url)];
    for (const elector of pair) elector.on("storeError", ({ error }) => errors.push(error));
    let [leaving = makeElector(redis.url), coming = makeElector(redis.url)] = pair;
    await lead([leaving]);
    for (let round = 0; round < 20; round += 1) {
      await inTurn(
        () => leaving.stop(),
        () => lead([coming]),
      );
      [leaving, coming] = [coming, leaving];
    }
    expect(errors).toEqual([]);
    expect(await connections(1)).toBe(2);
  });

  test("closes what leader() opened, and was never started", async () => {
    const elector = makeElector(redis.url);
    expect(await elector.leader()).toBeUndefined();
    expect(await connections(0)).toBe(1);
    expect(await elector.stop()).toBe("none");
    await expect.poll(() => connections(0)).toBe(0);
  });
});

test("electors on a quorum have two connections to each server, if their lists are the same", async () => {
  const urls = servers.map(({ url }) => url);
  const make = (list: readonly string[], index: number) =>
    new RedisQuorumElector(list, `quorum:${index}`, { ttl: 60_000 });
  const all = Array.from({ length: 20 }, (_, index) => make([...urls], index));
  const counts = (watched: number) =>
    Promise.all(servers.map((server) => connections(watched, server)));
  await lead(all);
  expect(await counts(20)).toEqual([2, 2, 2]);
  const reversed = make([...urls].reverse(), 20);
  await lead([reversed]);
  expect(await counts(21)).toEqual([4, 4, 4]);
  await Promise.all([...all, reversed].map((elector) => elector.stop()));
  await expect.poll(() => counts(0)).toEqual([0, 0, 0]);
});

function newClient() {
  return new Redis(redis.url, { lazyConnect: true });
}
