import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { brokenBySlowClocks } from "./slow-clocks.ts";

const scratch = mkdtempSync(join(tmpdir(), "incumbent-simulation-"));

afterAll(() => rmSync(scratch, { recursive: true }));

/** The script behind `npm run sim`, on the package as it was built. */
function simulate(...args: string[]) {
  const script = "scripts/simulation/run.mjs";
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 60_000 });
}

describe("npm run sim", () => {
  test("says what was simulated and ends in the number of violations", () => {
    const { status, stdout, stderr } = simulate("--seeds", "60", "--workers", "2");
    expect(status).toBe(0);
    expect(stdout).toMatch(/seeds 0 to 59: 60 in [\d.]+ s, \d+ a second on 2 workers/);
    expect(stdout).toMatch(/\d+ {2}elections\n/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("violations: 0");
    expect(stderr).toContain("60 of 60 seeds");
  });

  test("gives the same numbers on another number of workers", () => {
    const counts = (workers: string) => {
      const args = ["--seeds", "60", "--from", "5000", "--workers", workers, "--json"];
      return JSON.parse(simulate(...args).stdout).counts;
    };
    expect(counts("2")).toEqual(counts("1"));
  }, 120_000);

  test("prints the story of a single seed", () => {
    const { status, stdout } = simulate("--from", "3", "--seeds", "1");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +[\d.]+ {2}\w+ +.*\n/);
    expect(stdout).toContain("is elected, token");
  });

  test("replays a stored scenario and exits with 1 when that breaks a promise", async () => {
    const file = join(scratch, "broken.json");
    const scenario = await brokenBySlowClocks();
    writeFileSync(file, JSON.stringify(scenario));
    const { status, stdout } = simulate("--trace", file);
    expect(stdout).toContain(`seed ${scenario.seed} breaks I4: `);
    expect(stdout).toContain("npm run sim -- --trace FILE");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("violations: 1");
    expect(status).toBe(1);
  });

  test.each([
    [["--seeds", "none"], '--seeds must be a whole number from 1, not "none". Default: 10000.'],
    [["--from", "-1"], "--from"],
    [["--workers", "0"], "--workers must be a whole number from 1"],
    [["--seed", "1"], "--seed"],
    [["--trace", "/nowhere.json"], "/nowhere.json"],
  ])("refuses %j", (args, words) => {
    const { status, stderr } = simulate(...args);
    expect(stderr).toContain(words);
    expect(stderr).toContain("npm run sim -- [--seeds N]");
    expect(status).toBe(64);
  });

  test("explains itself when it is asked to", () => {
    const { status, stdout } = simulate("--help");
    expect(stdout).toContain("--from SEED   the first seed (default 0)");
    expect(status).toBe(0);
  });
});
