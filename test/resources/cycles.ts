import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";

/** What one cycle may leave on the heap, in bytes: less than a closure with a list entry. */
const PER_CYCLE = 64;

interface Left {
  readonly resources: Record<string, number>;
  readonly listeners: number;
}

interface Outcome {
  /** Of a process that has done nothing yet. */
  readonly bare: Record<string, number>;
  readonly before: Left;
  readonly after: Left;
  /** At every tenth of the cycles, in bytes. */
  readonly heaps: readonly number[];
  readonly took: number;
  readonly closed: Record<string, number>;
}

const script = fileURLToPath(new URL("cycles.mjs", import.meta.url));
const run = promisify(execFile);

async function cycle(given: object): Promise<Outcome> {
  const args = ["--expose-gc", script, JSON.stringify(given)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout);
}

/**
 * What a cycle leaves. The first tenth is left out, in which code is loaded and compiled; for what goes up
 * and down, the most of the next three tenths is compared with the least of the last three.
 */
function growth({ heaps }: Outcome, cycles: number): number {
  const early = Math.max(...heaps.slice(1, 4));
  const late = Math.min(...heaps.slice(-3));
  return (late - early) / (cycles * 0.4);
}

let redis: RedisServer;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), "incumbent-cycles-"));
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

/** Where the election is: in a store, or on the server of a URL. */
interface Where {
  readonly port?: number;
  readonly path?: string;
  readonly client?: string;
  readonly sharing?: string;
}

const stores = [
  ["in memory", () => ({})],
  ["on SQLite", () => ({ path: join(folder, "election.db") })],
  ["on Redis", () => ({ port: redis.port, client: "ioredis" })],
  ["on Redis, sharing by their URL", () => ({ sharing: redis.url })],
] satisfies [string, () => Where][];

/** Of electors that come and go: handles, timers and listeners are counted. */
async function expectNothingLeft({ sharing, ...store }: Where, cycles: number): Promise<Outcome> {
  const outcome = await cycle({ store, sharing, cycles });
  expect(outcome.after).toEqual(outcome.before);
  expect(outcome.closed).toEqual(outcome.bare);
  return outcome;
}

export function someElectors(cycles: number): void {
  describe(`${cycles} electors that start, lead and stop leave nothing`, () => {
    test.each(stores)("%s: no handle, no listener, no timer", async (_, storeOf) => {
      await expectNothingLeft(storeOf(), cycles);
    });
  });
}

/** So many that the heap can be judged as well. */
export function manyElectors(cycles: number): void {
  describe(`${cycles} electors that start, lead and stop leave nothing`, () => {
    test.each(stores)(
      "%s: no handle, no listener, no timer, no memory",
      async (name, storeOf) => {
        const outcome = await expectNothingLeft(storeOf(), cycles);
        const left = growth(outcome, cycles);
        process.stdout.write(
          `  ${name}: ${(outcome.took / cycles).toFixed(2)} ms and ${left.toFixed(1)} bytes a cycle\n`,
        );
        expect(left).toBeLessThan(PER_CYCLE);
      },
      180_000,
    );

    test("and it is seen when one subscription a cycle is left", async () => {
      const outcome = await cycle({ store: {}, cycles: 2000, leaks: true });
      expect(growth(outcome, 2000)).toBeGreaterThan(4 * PER_CYCLE);
    });
  });
}
