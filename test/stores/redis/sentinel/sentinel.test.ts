import { createRequire } from "node:module";
import { Redis as Redis6 } from "ioredis";
import * as ioredis5 from "ioredis-5";
import * as redis6 from "redis";
import * as redis5 from "redis-5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../../src/index.ts";
import { realTimer } from "../../../../src/stores/connections/timer.ts";
import { recognise } from "../../../../src/stores/redis/client/redis-client.ts";
import type { OpenDriver, Opening } from "../../../../src/stores/redis/client/redis-driver.ts";
import { copiesOf } from "../../../../src/stores/redis/connection/redis-copies.ts";
import { ioredisAt, nodeRedisAt } from "../../../../src/stores/redis/connection/redis-packages.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { behindSentinels } from "../../../../src/stores/redis/sentinel/sentinel-driver.ts";
import type { Place } from "../../../../src/stores/redis/url/redis-url.ts";
import { readSentinelUrl } from "../../../../src/stores/redis/url/sentinel-url.ts";
import { findingsOf, troubles } from "../../../support/findings.ts";
import { freePort } from "../../../support/free-port.ts";
import { redisCommand } from "../../../support/redis-server.ts";
import { type SentinelGroup, startSentinelGroup } from "../../../support/sentinel-group.ts";

let group: SentinelGroup;

beforeAll(async () => {
  // The first client of a library takes a second to make on a busy machine.
  createRequire(import.meta.url)("redis").createClient();
  redis6.createClient();
  redis5.createClient();
  group = await startSentinelGroup();
});
afterAll(() => group.stop());

const opening: Opening = { timer: realTimer, prepare: (open) => open };

function byUrl(library: (place: Place) => OpenDriver): OpenDriver {
  const { name, sentinels, placeOf } = readSentinelUrl(group.url);
  const openServer = (host: string, port: number) => library(placeOf(host, port));
  return behindSentinels({ name, sentinels: sentinels.map(library), openServer }, realTimer);
}

const hosts = () => group.sentinels.map(({ port }) => ({ host: "127.0.0.1", port }));
const ioredisOptions = () => ({ sentinels: hosts(), name: group.name, lazyConnect: true });
const copyOf = (client: unknown) => copiesOf(recognise(client), opening);

const ways: readonly [string, () => OpenDriver][] = [
  ["a URL and ioredis 6", () => byUrl((place) => ioredisAt({ Redis: Redis6 }, place))],
  ["a URL and ioredis 5", () => byUrl((place) => ioredisAt(ioredis5, place))],
  ["a URL and node-redis 6", () => byUrl((place) => nodeRedisAt(redis6, place))],
  ["a URL and node-redis 5", () => byUrl((place) => nodeRedisAt(redis5, place))],
  ["a client of ioredis 6", () => copyOf(new Redis6(ioredisOptions()))],
  ["a client of ioredis 5", () => copyOf(new ioredis5.Redis(ioredisOptions()))],
  [
    "a client of createSentinel of node-redis 6",
    () => copyOf(redis6.createSentinel({ name: group.name, sentinelRootNodes: hosts() })),
  ],
];

describe("behind Sentinel", () => {
  test.each(ways)("%s leads to the primary, for commands and for channels", async (_, make) => {
    const heard: string[] = [];
    const open = make();
    const commands = open({ lost: () => {} });
    const channels = open({ lost: () => {}, message: (_, text) => heard.push(text) });
    onTestFinished(() => {
      for (const driver of [commands, channels]) driver.end();
    });
    await Promise.all([commands.connect(), channels.connect()]);
    expect(await commands.send(["ROLE"])).toMatchObject([
      "master",
      expect.anything(),
      expect.anything(),
    ]);
    await channels.subscribe(["news"]);
    await commands.send(["PUBLISH", "news", "hello"]);
    await expect.poll(() => heard).toEqual(["hello"]);
  });

  test("a name that no Sentinel knows is reported as such", async () => {
    const store = new RedisStore(group.url.replace(/primary$/, "other"));
    onTestFinished(() => store.close());
    const elector = new Elector(store, "job", { ttl: 1000 });
    await expect(elector.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining("Sentinel knows no primary of this name"),
    });
  });

  test("doctor counts the Sentinels: all of them, one that is missing in the list, one that is dead, one that is there twice", async () => {
    const sentinelsAt = async (url: string) => {
      const store = new RedisStore(url);
      const findings = await findingsOf(store);
      await store.close();
      return findings.filter(({ check }) => check === "sentinels" || check === "reachable");
    };
    expect(troubles(await sentinelsAt(group.url))).toEqual([]);
    const [one = 0, two = 0, three = 0] = group.sentinels.map(({ port }) => port);
    const [, alone] = await sentinelsAt(`redis+sentinel://127.0.0.1:${one}/${group.name}`);
    expect(alone).toMatchObject({
      level: "warning",
      says: expect.stringContaining("1 of 3 Sentinels"),
    });
    const free = await freePort();
    const listed = [one, free, two, three].map((port) => `127.0.0.1:${port}`);
    const [, dead] = await sentinelsAt(`redis+sentinel://${listed}/${group.name}`);
    expect(dead).toMatchObject({
      level: "warning",
      says: expect.stringMatching(/Sentinel 2 of 4 .*connection refused/),
    });
    const places = [`127.0.0.1:${one}`, `localhost:${one}`, `127.0.0.1:${two}`];
    const [, twice, missing] = await sentinelsAt(`redis+sentinel://${places}/${group.name}`);
    expect(twice).toMatchObject({
      level: "warning",
      says: expect.stringContaining("Sentinels 1 and 2 of 3 in the list are one"),
    });
    expect(missing?.says).toContain("2 of 3 Sentinels");
    const few = [one, free, 1].map((port) => `127.0.0.1:${port}`);
    const [lost] = await sentinelsAt(`redis+sentinel://${few}/${group.name}`);
    expect(lost).toMatchObject({ check: "reachable", level: "error" });
    expect(lost?.says).toContain("2 of 3 Sentinels did not answer, and 2 must");
  });

  test("a Sentinel with two addresses in the list counts once in a majority, unless it hides its id", async () => {
    const [one = 0, two = 0] = group.sentinels.map(({ port }) => port);
    const free = await freePort();
    const names = [`127.0.0.1:${one}`, `localhost:${one}`];
    const leaderAt = async (places: readonly string[], parameters = "") => {
      const store = new RedisStore(`redis+sentinel://${places}/${group.name}${parameters}`);
      try {
        return await new Elector(store, "twice", { ttl: 4000 }).leader();
      } finally {
        await store.close();
      }
    };
    await expect(leaderAt([...names, `127.0.0.1:${free}`])).rejects.toMatchObject({
      message: expect.stringContaining("1 of 2 Sentinels did not answer, and 2 must"),
    });
    expect(await leaderAt([...names, `127.0.0.1:${two}`])).toBeUndefined();
    const rights = ["+sentinel|master", "+sentinel|get-master-addr-by-name", "+ping"];
    await redisCommand(one, ["ACL", "SETUSER", "nameless", "on", ">pw", ...rights]);
    const login = "?sentinelUser=nameless&sentinelPassword=pw";
    expect(await leaderAt([...names, `127.0.0.1:${free}`], login)).toBeUndefined();
  });

  test("a frozen Sentinel holds nothing up, and two frozen ones end every term", async () => {
    const store = new RedisStore(group.url, { restartGuard: false });
    const elector = new Elector(store, "freeze", { ttl: 2000 });
    onTestFinished(async () => {
      for (const sentinel of group.sentinels) sentinel.resume();
      await elector.stop();
      await store.close();
    });
    await elector.start();
    const term = await elector.waitForLeadership();
    let renewals = 0;
    elector.on("renewed", () => {
      renewals += 1;
    });
    group.sentinels[0]?.pause();
    const paused = renewals;
    await expect.poll(() => renewals, { timeout: 10_000 }).toBeGreaterThan(paused + 2);
    expect(term.signal.aborted).toBe(false);
    const failed = new Promise<Error>((resolve) => {
      elector.on("storeError", ({ error }) => resolve(error));
    });
    group.sentinels[1]?.pause();
    await failed;
    await expect.poll(() => term.signal.aborted, { timeout: 5000 }).toBe(true);
    for (const sentinel of group.sentinels) sentinel.resume();
    expect((await elector.waitForLeadership()).token).toBeGreaterThan(term.token);
  }, 30_000);

  test("a lease that a former primary grants, paused while it was replaced, does not count", async () => {
    const former = await group.primary();
    const [here, there] = [0, 1].map(() => copyOf(new Redis6(ioredisOptions())));
    const driver = here?.({ lost: () => {} });
    await driver?.connect();
    const before = await driver?.send(["INFO", "server"]);
    expect(before).toContain(`tcp_port:${former.port}`);
    former.pause();
    onTestFinished(() => former.resume());
    const next = await group.replaced(former);
    former.resume();
    await expect(driver?.send(["SET", "late", "1"])).rejects.toMatchObject({
      code: "INCUMBENT_STORE_REFUSED",
      applied: "maybe",
      message: expect.stringContaining(`Sentinel names 127.0.0.1:${next.port}`),
    });
    const another = there?.({ lost: () => {} });
    onTestFinished(() => another?.end());
    await another?.connect();
    expect(await another?.send(["INFO", "server"])).toContain(`tcp_port:${next.port}`);
    await group.followed();
  }, 90_000);
});
