import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { RedisQuorumStore } from "../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

let servers: RedisServer[];
beforeAll(async () => {
  servers = await Promise.all(Array.from({ length: 3 }, () => startRedis(["--appendonly", "yes"])));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function diagnose(count: number, isBrief = false) {
  const store = new RedisQuorumStore(servers.slice(0, count).map(({ url }) => url));
  onTestFinished(() => store.close());
  return findingsOf(store, { isBrief });
}

test("every server has its findings, by name, and together they can elect", async () => {
  const findings = await diagnose(3);
  expect(troubles(findings)).toEqual([]);
  const names = new Set(findings.map(({ server }) => server));
  expect([...names]).toEqual([...servers.map(({ port }) => `127.0.0.1:${port}`), undefined]);
  expect(findings.at(-1)).toMatchObject({
    check: "majority",
    says: "3 of 3 servers can vote, and 2 are needed: elections survive the loss of 1 more.",
  });
});

test("one of two servers is for nothing", async () => {
  expect(troubles(await diagnose(2))).toEqual(["note majority"]);
});

test("a brief examination finds the policy of each server", async () => {
  await servers[1]?.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  onTestFinished(
    async () => void (await servers[1]?.command("CONFIG", "SET", "maxmemory-policy", "noeviction")),
  );
  const findings = await diagnose(3, true);
  expect(troubles(findings)).toEqual(["warning eviction"]);
  expect(findings.find(({ level }) => level === "warning")?.server).toBe(
    `127.0.0.1:${servers[1]?.port}`,
  );
});

test("one lost server is an error of its own, two leave no majority", async () => {
  await servers[2]?.kill();
  expect(troubles(await diagnose(3))).toEqual(["error reachable", "note majority"]);
  await servers[1]?.kill();
  const findings = await diagnose(3);
  expect(troubles(findings)).toEqual(["error reachable", "error reachable", "error majority"]);
  expect(findings.at(-1)?.says).toMatch(/^1 of 3 servers can vote, and 2 are needed/);
});
