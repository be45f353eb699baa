import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { Family, MARKER, marksOf } from "../../../src/cli/supervise/family.ts";
import { allProcesses } from "../../../src/cli/supervise/processes.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Starts a script that says a number of a process first. */
async function start(script: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn("sh", ["-c", script], { env: { ...process.env, ...env } });
  children.push(child);
  const [said] = await once(child.stdout.setEncoding("utf8"), "data");
  return { head: child.pid ?? 0, said: Number(said) };
}

const pidsOf = (family: Family) => family.look().map(({ pid }) => pid);

describe("a family", () => {
  test("consists of the program and the processes that it has started", async () => {
    const { head, said } = await start("sleep 60 & echo $!; exec cat");
    const family = new Family("mark");
    family.add(head);
    expect(new Set(pidsOf(family))).toEqual(new Set([head, said]));
  });

  test("does not count a zombie as alive", async () => {
    const { head, said } = await start("sleep 0.2 & echo $!; exec cat");
    const family = new Family("mark");
    family.add(head);
    await expect.poll(() => pidsOf(family), { timeout: 10_000 }).toEqual([head]);
    expect(allProcesses().find(({ pid }) => pid === said)).toMatchObject({ alive: false });
  });

  test("has its mark even if a family inside of it has added another one", async () => {
    const { head } = await start("echo 1; exec cat", { [MARKER]: "outer:inner" });
    // A process has no environment while it becomes another program.
    await expect.poll(() => marksOf(head)).toEqual(["outer", "inner"]);
    expect(pidsOf(new Family("outer"))).toEqual([head]);
    expect(pidsOf(new Family("inner"))).toEqual([head]);
    expect(pidsOf(new Family("out"))).toEqual([]);
  });

  test("does not include a stranger that reuses the pid of a dead process", async () => {
    const { head } = await start("echo 1; exec cat");
    const began = allProcesses().find(({ pid }) => pid === head)?.start ?? 0;
    expect(pidsOf(new Family("mark", [[head, began]]))).toEqual([head]);
    expect(pidsOf(new Family("mark", [[head, began - 100]]))).toEqual([]);
  });

  test("can be passed to another process", async () => {
    const { head, said } = await start("sleep 60 & echo $!; exec cat");
    const family = new Family("mark");
    family.add(head);
    family.look();
    const copy = new Family("mark", family.known);
    expect(new Set(pidsOf(copy))).toEqual(new Set([head, said]));
  });
});
