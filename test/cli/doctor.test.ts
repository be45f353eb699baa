import { chmodSync, existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { Workshop } from "./incumbent.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis(["--appendonly", "yes"]);
});
afterAll(() => redis.stop());

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

/** Runs it to its end. */
async function doctor(...args: string[]) {
  const started = workshop.start("doctor", ...args);
  const code = await started.ended();
  return { code, out: started.out, err: started.err };
}

test("a sound server: one line for each check, and exit code 0", async () => {
  const { code, out, err } = await doctor("--store", redis.url);
  const lines = out.trimEnd().split("\n");
  expect(lines.slice(0, -1).filter((line) => !/^ok {7}[a-z]+ +\S/.test(line))).toEqual([]);
  expect(lines.at(-1)).toBe("nothing wrong");
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("--json prints one object for each finding, with the same fields", async () => {
  await redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  const { code, out } = await doctor("--store", redis.url, "--json");
  await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
  const findings = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(["check", "level", "says", "remedy", "server"]);
  }
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([
    {
      check: "eviction",
      level: "warning",
      says: expect.stringContaining("allkeys-lru"),
      remedy: expect.stringMatching(/^Set it to noeviction/),
      server: null,
    },
  ]);
  expect(code).toBe(1);
});

test("KEY is looked at, too: led, vacant, or occupied by something else", async () => {
  const vacant = await doctor("nightly", "--store", redis.url);
  expect(vacant.out).toContain('election     "nightly" has no leader.');
  expect(vacant.code).toBe(0);
  expect(await redis.command("EXISTS", "nightly")).toBe("0");

  await redis.command("RPUSH", "nightly", "x");
  const occupied = await doctor("nightly", "--store", redis.url);
  await redis.command("DEL", "nightly");
  expect(occupied.out).toMatch(/error {4}election +"nightly" cannot be read: .*WRONGTYPE/);
  expect(occupied.out).toContain("Use another KEY");
  expect(occupied.code).toBe(1);

  await redis.command("SET", "nightly", "x");
  const locked = await doctor("nightly", "--store", redis.url);
  await redis.command("DEL", "nightly");
  expect(locked.out).toMatch(/error {4}election +"nightly" holds a lock without expiry/);
  expect(locked.code).toBe(1);

  const rights = ["+@all", "~incumbent:*", "&*"] as const;
  await redis.command("ACL", "SETUSER", "strange", "on", ">pw", ...rights);
  const store = `redis://strange:pw@127.0.0.1:${redis.port}`;
  const denied = await doctor("nightly", "--store", store);
  expect(denied.out).toMatch(/error {4}election .*NOPERM.* Grant the rights/);
});

test("a store that cannot be reached is a finding, without the password", async () => {
  const store = `redis://elections:hush@127.0.0.1:${await freePort()}`;
  const { code, out, err } = await doctor("nightly", "--store", store);
  expect(out).toMatch(/^error {4}reachable .*ECONNREFUSED.*\n1 error\n$/);
  expect(out).not.toContain("hush");
  expect({ code, err }).toEqual({ code: 1, err: "" });
});

test("servers that elect together are listed with their names", async () => {
  const other = `redis://127.0.0.1:${await freePort()}`;
  const { code, out } = await doctor("--store", `${redis.url},${other}`);
  expect(out).toContain(`ok       127.0.0.1:${redis.port}  eviction`);
  expect(out).toMatch(/error {4}majority +1 of 2 servers can vote/);
  expect(code).toBe(1);
});

test("a file that this user may not write is an error, and one that does not exist is not made", async () => {
  const folder = workshop.directory;
  chmodSync(folder, 0o555);
  const asRoot = process.geteuid?.() === 0;
  const args = ["doctor", "--store", workshop.store];
  const started = asRoot ? workshop.startAs(65534, ...args) : workshop.start(...args);
  expect(await started.ended()).toBe(1);
  expect(started.out).toMatch(/error {4}rights +No election by this process: ".*" belongs to user/);
  chmodSync(folder, 0o755);
  expect((await doctor()).out).toMatch(/^note {5}reachable .* does not exist yet/);
  expect(existsSync(workshop.path("leases.db"))).toBe(false);
});

test.each([
  [["a", "b"], "doctor takes only one KEY; got also b."],
  [["--fix"], "Unknown option --fix."],
  [["a\u200b"], "key must"],
  [["--store", "ftp://x"], "--store must be a URL of a known kind"],
])("%j is a usage error", async (args, message) => {
  const { code, out, err } = await doctor(...args);
  expect(err).toContain(message);
  expect({ code, out }).toEqual({ code: 64, out: "" });
});
