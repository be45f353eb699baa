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
