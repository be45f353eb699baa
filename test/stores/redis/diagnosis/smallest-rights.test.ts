import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { Elector } from "../../../../src/index.ts";
import type { RedisClient } from "../../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { type SentinelGroup, startSentinelGroup } from "../../../support/sentinel-group.ts";

const page = readFileSync(new URL("../../../../docs/stores/redis.md", import.meta.url), "utf8");

/** The rules that the page prints for this user. */
function rulesOf(user: string): string[] {
  const [, text = ""] = new RegExp(`ACL SETUSER ${user} ([^\`]+)\`\`\``).exec(page) ?? [];
  const words = text.replace("PASSWORD", "pw").trim().split(/\s+/);
  expect(words.length).toBeGreaterThan(3);
  return words;
}

let group: SentinelGroup;
beforeAll(async () => {
  group = await startSentinelGroup({ sentinels: 1, replicas: 1 });
  const [first] = group.servers;
  await first?.settle();
  await first?.command("ACL", "SETUSER", "elections", ...rulesOf("elections"), "+wait");
  // A replica that still reads its first copy is online, and confirms nothing.
  const hasRead = async () =>
    /state=online,offset=[1-9]/.test((await first?.command("INFO", "replication")) ?? "");
  await vi.waitUntil(hasRead, { timeout: 20_000 });
  const { redisCommand } = await import("../../../support/redis-server.ts");
  const [sentinel] = group.sentinels;
  const login = ["ACL", "SETUSER", "watcher", ...rulesOf("watcher")];
  expect(await redisCommand(sentinel?.port ?? 0, login)).toBe("OK");
}, 60_000);
afterAll(() => group.stop());

const ports = () => group.sentinels.map(({ port }) => ({ host: "127.0.0.1", port }));
const login = { username: "elections", password: "pw" };
const server = () => group.servers[0]?.port ?? 0;

const clients: readonly [string, () => RedisClient | string][] = [
  ["ioredis", () => new Redis({ ...login, port: server(), lazyConnect: true })],
  ["node-redis", () => createClient({ ...login, socket: { port: server() } })],
  [
    "ioredis behind Sentinel",
    () => {
      const watcher = { sentinelUsername: "watcher", sentinelPassword: "pw" };
      const sentinels = { sentinels: ports(), name: group.name };
      return new Redis({ ...login, ...watcher, ...sentinels, lazyConnect: true });
    },
  ],
  [
    "a URL of Sentinel, with minReplicas",
    () => {
      const url = group.url.replace("://", "://elections:pw@");
      return `${url}?sentinelUser=watcher&sentinelPassword=pw&minReplicas=1`;
    },
  ],
];

test.each(clients)("the rights that the page prints suffice: %s", async (name, make) => {
  const errors: string[] = [];
  const electors = ["one", "two"].map((nodeId) => {
    const store = new RedisStore(make());
    const elector = new Elector(store, `billing:${name}`, { ttl: 2000, nodeId });
    elector.on("storeError", ({ error }) => errors.push(error.message));
    onTestFinished(async () => {
      await elector.stop();
      await store.close();
    });
    return elector;
  });
  const [one, two] = electors;
  await one?.start();
  const term = await one?.waitForLeadership();
  await two?.start();
  expect((await two?.settled())?.leader?.nodeId).toBe("one");
  const next = two?.waitForLeadership();
  await one?.stop();
  expect((await next)?.token).toBeGreaterThan(term?.token ?? 0);
  expect(errors).toEqual([]);
});
