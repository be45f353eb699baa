import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { allProcesses, fromPs } from "../../../src/cli/supervise/processes.ts";

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

test("ps reports the same as /proc, except for sessions and the unit of start times", async () => {
  const child = spawn("sh", ["-c", "echo up; cat"], { detached: true });
  children.push(child);
  await once(child.stdout, "data");
  const find = (all: ReturnType<typeof allProcesses>) => all.find(({ pid }) => pid === child.pid);
  const [here, there] = [find(allProcesses()), find(fromPs())];
  const pid = child.pid ?? 0;
  const expected = { pid, parent: process.pid, group: pid, alive: true };
  expect(here).toMatchObject({ ...expected, session: pid });
  expect(there).toMatchObject({ ...expected, session: 0 });
  expect(Math.abs((there?.start ?? 0) - Date.now())).toBeLessThan(120_000);
});

test("a zombie is listed, and not alive", async () => {
  // The shell's child has ended, and the program that has replaced the shell never asks for it.
  const child = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec cat"]);
  children.push(child);
  const [said] = await once(child.stdout.setEncoding("utf8"), "data");
  const zombie = Number(said);
  for (const list of [allProcesses, fromPs]) {
    await expect
      .poll(() => list().find(({ pid }) => pid === zombie), { timeout: 10_000 })
      .toMatchObject({ alive: false });
  }
});
