import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";

const KEYS = 1500;
const ROUNDS = 11;

/** What one key may leave, in bytes: less than an entry in a map. */
const PER_KEY = 32;

let servers: RedisServer[];
beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  await Promise.all(servers.map((server) => server.settle()));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

test("a quorum keeps nothing of elections that are over", async () => {
  const script = fileURLToPath(new URL("quorum-keys.mjs", import.meta.url));
  const given = { ports: servers.map(({ port }) => port), keys: KEYS, rounds: ROUNDS };
  const args = ["--expose-gc", script, JSON.stringify(given)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const grown: number[] = JSON.parse(stdout).sort((a: number, b: number) => a - b);
  // The median: code that is compiled meanwhile makes single rounds heavier, and lighter.
  const left = (grown[Math.floor(ROUNDS / 2)] ?? Number.NaN) / KEYS;
  process.stdout.write(`  a quorum: ${left.toFixed(1)} bytes a key\n`);
  expect(left).toBeLessThan(PER_KEY);
  // 18,000 elections, one after the other: half a minute on an idle machine, and nothing here depends on how long.
}, 180_000);
