import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const run = promisify(execFile);

function chaos(...args: string[]) {
  return run(process.execPath, ["--import", "tsx", main, ...args]);
}

describe("chaos finds what is planted, and ends with 1, the seed and the events", () => {
  // By this seed, the leader is the first to be stopped, for longer than its lease lasts.
  const stored = ["--plant", "stored-flag", "--only", "SIGSTOP", "--seed", "39"];
  const unguarded = ["--plant", "no-guard", "--seed", "1"];

  test.each([
    ["candidates that answer from a flag", stored],
    ["the same on SQLite", [...stored, "--store", "sqlite"]],
    ["a Redis without a guard that restarts empty", [...unguarded, "--only", "restart"]],
    [
      "a PostgreSQL without a guard whose tables are emptied",
      [...unguarded, "--store", "postgres", "--only", "TRUNCATE"],
    ],
    [
      "a NATS without a guard whose bucket is deleted",
      [...unguarded, "--store", "nats", "--only", "bucket deleted"],
    ],
  ])(
    "%s",
    async (_what, args) => {
      const failed = await chaos("--faults", "100", ...args).catch((error) => error);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/led at the same time, for [\d.]+ ms/);
      expect(failed.stderr).toMatch(/elected .*token/);
      expect(failed.stderr).toMatch(/--store \w+ --seed \d+$/m);
      const [, events = ""] = /All events: (\S+)\. /.exec(failed.stderr) ?? [];
      expect(existsSync(events)).toBe(true);
      rmSync(dirname(dirname(events)), { recursive: true });
    },
    120_000,
  );
});
