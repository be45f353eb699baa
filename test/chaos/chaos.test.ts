import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { faults, planOf } from "./plan.ts";
import { randomOf } from "./random.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const run = promisify(execFile);

function chaos(...args: string[]) {
  return run(process.execPath, ["--import", "tsx", main, ...args]);
}

describe("chaos finds what is planted, and ends with 1, the seed and the events", () => {
  test.each([
    ["candidates that answer from a flag", ["--plant", "stored-flag", "--only", "SIGSTOP"]],
    ["a Redis without a guard that restarts empty", ["--plant", "no-guard", "--only", "restart"]],
  ])(
    "%s",
    async (_what, args) => {
      const failed = await chaos("--faults", "100", "--seed", "1", ...args).catch((error) => error);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/led at the same time, for [\d.]+ ms/);
      expect(failed.stderr).toMatch(/elected .*token/);
      expect(failed.stderr).toContain("--seed 1");
      const [, events = ""] = /All events: (\S+)\. /.exec(failed.stderr) ?? [];
      expect(existsSync(events)).toBe(true);
      rmSync(dirname(dirname(events)), { recursive: true });
    },
    120_000,
  );
});

describe("a plan", () => {
  const names = (seed: number, rounds: number) => {
    const plan = planOf(randomOf(seed), faults);
    return Array.from({ length: rounds }, () => plan.next().value.map(({ name }) => name));
  };

  test("is the same again with the same seed, and another with another", () => {
    expect(names(7, 50)).toEqual(names(7, 50));
    expect(names(7, 50)).not.toEqual(names(8, 50));
  });

  test("has every fault equally often, some at a time, and never two of a server", () => {
    const rounds = names(7, 1000);
    const counts = faults.map(({ name }) => rounds.flat().filter((drawn) => drawn === name).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    expect(rounds.filter((round) => round.length > 1).length).toBeGreaterThan(200);
    const areas = new Map(faults.map(({ name, area }) => [name, area]));
    const ofServers = rounds.map((round) => round.filter((name) => areas.get(name) === "server"));
    expect(Math.max(...ofServers.map(({ length }) => length))).toBe(1);
  });
});
