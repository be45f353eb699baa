import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../src/cli/open-store.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { acquireRequest } from "../support/requests.ts";

let redis: RedisServer;
const folder = mkdtempSync(join(tmpdir(), "incumbent-open-"));
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function acquire(url: string) {
  const store = await openStore(url);
  try {
    return await store.acquire(acquireRequest("job", { ttl: 60_000 }));
  } finally {
    await store.close();
  }
}

test("the restart guard is on, unless a parameter turns it off beside parameters of the client", async () => {
  expect(await acquire(`${redis.url}/1`)).toMatchObject({ reason: "quarantine" });
  const url = `${redis.url}?db=2&family=4&protocol=2&connectionName=billing&restartGuard=false`;
  expect(await acquire(url)).toMatchObject({ granted: true });
  expect(await redis.command("-n", "2", "EXISTS", "job")).toBe("1");
});

test("a parameter sets the key of the stamp", async () => {
  await acquire(`${redis.url}/3?stampKey=billing%3Astamp`);
  await acquire(`${redis.url}/3?stampKey=billing%3Astamp`);
  expect(await redis.command("-n", "3", "EXISTS", "billing:stamp")).toBe("1");
  expect(await redis.command("-n", "3", "EXISTS", "incumbent:server")).toBe("0");
});

test("parameters in the URL of one of several servers apply to all", async () => {
  const other = await startRedis();
  try {
    const url = `${redis.url}/4?restartGuard=false,${other.url}/4`;
    expect(await acquire(url)).toMatchObject({ granted: true });
  } finally {
    await other.stop();
  }
});

test("a parameter of an SQLite URL is an option, not part of the file name", async () => {
  const path = join(folder, "leases.db");
  expect(await acquire(`sqlite:${path}?allowNetworkFileSystem=true`)).toMatchObject({
    granted: true,
  });
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["sqlite:x.db?allowNetworkFilesystem=true", /did you mean "allowNetworkFileSystem"/],
  ["sqlite:x.db?allowNetworkFileSystem=1", /must be true or false; got "1"/],
  ["sqlite:?allowNetworkFileSystem=true", /must name a file after "sqlite:"/],
  ["memory:?ttl=1", /^store must be a URL of a known kind: memory:, /],
  ["redis:hush:word@host", /got "redis:hush:\*\*\*@host"/],
  ["me:hush@host", /got "me:\*\*\*@host"/],
])("%s is refused by name", async (url, message) => {
  await expect(openStore(url)).rejects.toThrow(message);
});

test("what is said of the kinds of URLs is not taken for a password", async () => {
  const error: unknown = await openStore("nope:").catch((reason: unknown) => reason);
  expect(String(error)).toContain("etcd://HOST or etcds://HOST");
  expect(String(error)).not.toContain("***");
});
