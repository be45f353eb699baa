import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Incumbent, isAlive, Workshop } from "./incumbent.ts";

const preload = fileURLToPath(new URL("./start-faults.mjs", import.meta.url));

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

/** Starts `incumbent run` with one of the faults, in a shell that says how. */
function start(fault: "run" | "guard", how: string, ...args: string[]): Incumbent {
  const variables = `FAULT=${fault} STARTS=${workshop.path("started")}`;
  const line = `export ${variables} NODE_OPTIONS="--import ${preload}"; ${how} "$@"`;
  return workshop.shell(line, "run", "--key", "job", "--ttl", "2s", "--grace", "200ms", ...args);
}

describe("incumbent run, killed by SIGKILL when it has just started", () => {
  test.each<[string, string, (script: string) => string[]]>([
    ["COMMAND", "exec", (script) => ["--", "sh", "-c", script]],
    ["COMMAND, deaf to SIGHUP,", "exec nohup", (script) => ["--", "sh", "-c", script]],
    ["--on-elected", "exec", (script) => ["--on-elected", script, "--", "echo", "up"]],
  ])("%s leaves nothing behind, whatever that does with its environment", async (_, how, args) => {
    const file = workshop.path("started");
    // Without a mark, and deaf to SIGTERM.
    const bare = `trap '' TERM; touch ${file}; while :; do sleep 0.05; done`;
    const started = start("run", how, ...args(`exec env -i PATH="$PATH" sh -c "${bare}"`));
    await expect.poll(() => started.process.signalCode, { timeout: 10_000 }).toBe("SIGKILL");
    const pid = Number(readFileSync(`${file}.pid`, "utf8"));
    try {
      await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
      expect(existsSync(file)).toBe(false);
    } finally {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
  });
});

test("a command begins when the next guard knows it, if the first one was killed at its start", async () => {
  const started = start("guard", "exec", "--", "echo", "up");
  expect(await started.ended()).toBe(0);
  expect(started.out).toBe("up\n");
  expect(started.err).toContain(
    "the guard of the command has ended (SIGKILL) and is started again",
  );
});
