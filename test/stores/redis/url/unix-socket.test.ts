import { join } from "node:path";
import * as ioredis from "ioredis";
import * as redis6 from "redis";
import * as redis5 from "redis-5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "../../../../src/cli/open-store.ts";
import { RedisElector } from "../../../../src/redis.ts";
import { ioredisAt, nodeRedisAt } from "../../../../src/stores/redis/connection/redis-packages.ts";
import type { Place } from "../../../../src/stores/redis/url/redis-url.ts";
import { readUnixUrl } from "../../../../src/stores/redis/url/unix-url.ts";
import { ownFolder } from "../../../support/own-process.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

const folder = ownFolder("socket");
const path = join(folder.path, "redis 1.sock");
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis(["--unixsocket", path]);
  await redis.command("ACL", "SETUSER", "app", "on", ">p@:ss", "~*", "&*", "+@all");
});
afterAll(async () => {
  await redis.stop();
  folder.remove();
});

const url = () => `redis+unix://app:p%40%3Ass@${encodeURI(path)}?db=3&restartGuard=false`;

describe("a server at a socket of this machine", () => {
  const libraries = [
    ["ioredis 6", (place: Place) => ioredisAt(ioredis, place)],
    ["node-redis 6", (place: Place) => nodeRedisAt(redis6, place)],
    ["node-redis 5", (place: Place) => nodeRedisAt(redis5, place)],
  ] as const;

  test.each(libraries)("is reached by its URL with %s", async (_, open) => {
    const driver = open(readUnixUrl(url()))({ lost: () => {} });
    onTestFinished(() => driver.end());
    await driver.connect();
    expect(await driver.send(["ACL", "WHOAMI"])).toBe("app");
    expect(String(await driver.send(["CLIENT", "INFO"]))).toMatch(/ db=3 /);
  });

  test.each([
    ["a URL", () => url()],
    ["ioredis", () => new ioredis.Redis({ path, lazyConnect: true })],
    ["node-redis", () => redis6.createClient({ socket: { path, tls: false } })],
  ])("elects a leader with %s", async (_, client) => {
    const elector = new RedisElector(client(), `job ${_}`, { ttl: 1000, restartGuard: false });
    onTestFinished(() => elector.stop().then(() => {}));
    await elector.start();
    expect((await elector.waitForLeadership()).token).toBeGreaterThan(0);
  });

  test.each([
    ["redis+unix://", /must have the path of a socket/],
    ["redis+unix://host/path", /must have the path of a socket/],
    ["redis+unix:///a%zz", /must have every % written as %25/],
    ["redis+unix://u:hush@/a?family=4", /^(?!.*hush).*parameter "family" is not known/],
    ["redis+unix:///a#1", /written as %3F, %23 and %25/],
  ])("G7: %s is refused with its rule", async (wrong, message) => {
    await expect(openStore(wrong)).rejects.toThrow(message);
  });
});
