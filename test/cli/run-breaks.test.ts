import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Incumbent, isAlive, Workshop } from "./incumbent.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const inner = (...args: string[]) => [process.execPath, main, "run", ...args];

let workshop: Workshop;
let mounted: string[] = [];
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(async () => {
  for (const path of mounted) spawnSync("umount", ["-l", path]);
  mounted = [];
  await workshop.close();
});

const run = (...args: string[]) => workshop.start("run", "--key", "job", "--ttl", "2s", ...args);
const shell = (script: string) => ["--", "sh", "-c", script];
/** Deaf to SIGTERM. */
const deaf = "trap '' TERM INT; while :; do sleep 0.05; done";

/** A small file system of its own, which ends with the test. */
function mount(options: string): string {
  const path = workshop.path("mount");
  mkdirSync(path);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  if (status !== 0) throw new Error("this test needs the right to mount a file system");
  mounted.push(path);
  return path;
}

/** The numbers that a command has said, by their names. */
async function pidsOf(started: Incumbent, ...names: string[]): Promise<number[]> {
  const said = await Promise.all(names.map((name) => started.says(new RegExp(`${name} \\d+`))));
  return said.map((words) => Number(words.split(" ")[1]));
}

/** The guard of a run: the only child of it that is a Node.js. */
function guardOf(pid: number): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  const row = stdout
    .split("\n")
    .find(
      (line) => line.includes("guard-process.js") && line.trim().split(/\s+/)[1] === String(pid),
    );
  return Number(row?.trim().split(/\s+/)[0]);
}

describe("a status file that cannot be written ends incumbent run before anything starts, with 64:", () => {
  test.each<[string, () => string]>([
    ["its folder is not there", () => workshop.path("missing/status.json")],
    ["a folder is in its place", () => workshop.directory],
    [
      "its disk is full",
      () => {
        const path = mount("size=4k");
        writeFileSync(`${path}/ballast`, "-".repeat(4096));
        return `${path}/status.json`;
      },
    ],
    ["its disk can only be read", () => `${mount("ro")}/status.json`],
  ])("%s", async (_, path) => {
    const started = run("--status-file", path(), "--on-elected", "echo hook", ...shell("echo up"));
    expect(await started.ended()).toBe(64);
    expect(started.err).toMatch(/^incumbent: --status-file must be a writable file, .*\n$/);
    expect(started.out).toBe("");
  });
});

describe("a status file that fails while incumbent run leads is reported, and only turns the exit code into 1:", () => {
  test("it cannot be written", async () => {
    const folder = workshop.path("folder");
    mkdirSync(folder);
    const broken = ["--on-elected", `rm -r ${folder}`];
    const started = run("--status-file", `${folder}/status.json`, ...broken, ...shell("echo up"));
    expect(await started.ended()).toBe(1);
    expect(started.out).toBe("up\n");
    expect(started.err).toMatch(/The status file cannot be written: ENOENT/);
  });

  test("it cannot be removed, and the command is dead before another can be elected", async () => {
    const folder = mount("size=1m");
    const file = `${folder}/status.json`;
    const started = run("--status-file", file, "--grace", "3s", ...shell(`echo up $$; ${deaf}`));
    const [pid = 0] = await pidsOf(started, "up");
    await expect.poll(() => existsSync(file)).toBe(true);
    spawnSync("mount", ["-o", "remount,ro", folder]);
    const second = run(...shell(`kill -0 ${pid} && echo both`));
    await second.says("leader changed");
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    expect(started.err).toMatch(/The status file cannot be removed: EROFS/);
    expect(await second.ended()).toBe(1);
    expect(second.out).toBe("");
  });

  test("it is removed after a command that was not found", async () => {
    const file = workshop.path("status.json");
    const started = run("--status-file", file, "--", "no-such-command");
    expect(await started.ended()).toBe(127);
    expect(started.err).toContain("incumbent: no-such-command: command not found");
    expect(existsSync(file)).toBe(false);
  });

  test("the guard removes it after incumbent run was killed, but not the file of a successor", async () => {
    const [mine, other] = [workshop.path("mine.json"), workshop.path("other.json")];
    const first = run("--status-file", mine, ...shell("echo up $$; sleep 60"));
    await first.says("up");
    first.process.kill("SIGKILL");
    await expect.poll(() => existsSync(mine), { timeout: 10_000 }).toBe(false);
    const second = run("--status-file", other, ...shell("echo up $$; sleep 60"));
    const [pid = 0] = await pidsOf(second, "up");
    const guard = guardOf(second.pid);
    writeFileSync(other, "another's");
    second.process.kill("SIGKILL");
    await expect.poll(() => isAlive(pid) || isAlive(guard), { timeout: 20_000 }).toBe(false);
    expect(readFileSync(other, "utf8")).toBe("another's");
  });
});

describe("--on-elected", () => {
  test("that fails is reported, the command still runs, and the exit code is 1", async () => {
    const started = run("--on-elected", "exit 3", ...shell("echo up"));
    expect(await started.ended()).toBe(1);
    expect(started.out).toBe("up\n");
    expect(started.err).toContain("--on-elected ended with 3");
  });

  test("that takes longer than a lease only delays the command", async () => {
    const started = run("--on-elected", "sleep 3", ...shell("sleep 0.5; echo done"));
    expect(await started.ended()).toBe(0);
    expect(started.out).toBe("done\n");
  });

  test("that sleeps when the term is lost is dead with all that it started; the command never starts", async () => {
    const script = "sh -c 'echo child $$; sleep 60' & echo hook $$; sleep 60";
    const started = run(
      "--once",
      "--on-elected",
      script,
      "--on-lost",
      "echo lost",
      ...shell("echo up"),
    );
    const pids = await pidsOf(started, "hook", "child");
    started.process.kill("SIGSTOP");
    await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
    started.process.kill("SIGCONT");
    expect(await started.ended()).toBe(75);
    expect(started.out).not.toContain("up");
    expect(started.out).toContain("lost");
  });

  test("that sleeps when incumbent run is asked to end gets SIGTERM", async () => {
    const script = "trap 'echo tidy; exit' TERM; echo hook; while :; do sleep 0.05; done";
    const started = run("--on-elected", script, ...shell("echo up"));
    await started.says("hook");
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    expect(started.out).toBe("hook\ntidy\n");
  });
});

describe("--on-lost", () => {
  test("is not ended early by --grace 0s", async () => {
    const hook = ["--grace", "0s", "--on-lost", "sleep 0.5; echo lost"];
    const started = run(...hook, ...shell("echo up"));
    expect(await started.ended()).toBe(0);
    expect(started.out).toBe("up\nlost\n");
  });

  test("that hangs is ended after 10 s with all that it started, and the exit code is 1", async () => {
    const script = "sh -c 'echo child $$; sleep 60' & echo hook $$; sleep 60";
    const started = run("--on-lost", script, ...shell("true"));
    const pids = await pidsOf(started, "hook", "child");
    expect(await started.ended()).toBe(1);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(started.err).toContain("--on-lost was ended before it was finished");
  });
});

describe("the guard", () => {
  test("lets a command live as long as its lease is renewed", async () => {
    const started = run(...shell("sleep 4; echo done"));
    expect(await started.ended()).toBe(0);
    expect(started.out).toBe("done\n");
  });

  test("that is killed is replaced by one that guards the same processes", async () => {
    // Without its mark, and in a session of its own whose head has gone: known because it was seen.
    const script = "env -i setsid sh -c 'echo daemon $$; sleep 60; true' & echo up $$; sleep 60";
    const started = run("--grace", "0s", ...shell(script));
    const pids = await pidsOf(started, "up", "daemon");
    const first = guardOf(started.pid);
    process.kill(first, "SIGKILL");
    await started.says(/the guard of the command has ended \(SIGKILL\) and is started again/);
    await expect.poll(() => guardOf(started.pid), { timeout: 10_000 }).not.toBe(first);
    await expect.poll(() => guardOf(started.pid), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(pids.map(isAlive)).toEqual([true, true]);
    started.process.kill("SIGKILL");
    await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
  });

  test("sends SIGTERM after incumbent run was killed, and SIGKILL after --grace", async () => {
    const file = workshop.path("said");
    const script = `trap 'sleep 0.3; echo tidy > ${file}; exit' TERM; echo up $$; while :; do sleep 0.05; done`;
    const started = workshop.start(
      "run",
      "--key",
      "job",
      "--ttl",
      "30s",
      "--grace",
      "10s",
      ...shell(script),
    );
    const [pid = 0] = await pidsOf(started, "up");
    started.process.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    expect(readFileSync(file, "utf8")).toBe("tidy\n");
  });

  test("waits no longer than --grace for a command that ignores SIGTERM", async () => {
    const started = workshop.start(
      "run",
      "--key",
      "job",
      "--ttl",
      "60s",
      "--grace",
      "300ms",
      ...shell(`echo up $$; ${deaf}`),
    );
    const [pid = 0] = await pidsOf(started, "up");
    started.process.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});

/** Ways to leave, each of which says `gone` and its number. All are deaf. */
const leavers: readonly [string, string][] = [
  ["changed its environment", `exec env -i PATH="$PATH" sh -c "echo gone \\$\\$; ${deaf}"`],
  [
    "has neither mark nor session",
    `env -i PATH="$PATH" setsid sh -c "echo gone \\$\\$; ${deaf}" & sleep 60`,
  ],
  [
    "has only its mark, under another parent",
    `(setsid sh -c "echo gone \\$\\$; ${deaf}" &) ; sleep 60`,
  ],
  [
    "has only the session, under another parent",
    `(env -i PATH="$PATH" sh -c "echo gone \\$\\$; ${deaf}" &) ; sleep 60`,
  ],
];

describe("incumbent run ends a command that", () => {
  test.each(leavers)("%s, after SIGTERM", async (_, script) => {
    const started = run("--grace", "200ms", ...shell(script));
    const pids = await pidsOf(started, "gone");
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    expect(pids.map(isAlive)).toEqual([false]);
  });

  test.each(leavers)("%s, after its own SIGKILL", async (_, script) => {
    const started = run("--grace", "200ms", ...shell(script));
    const pids = await pidsOf(started, "gone");
    started.process.kill("SIGKILL");
    await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "is another run, with what that has started, by %s",
    async (signal) => {
      const daemon = `env -i PATH="$PATH" setsid sh -c "echo bare \\$\\$; ${deaf}" &`;
      const command = `${daemon} echo gone $$; ${deaf}`;
      const second = inner("--key", "inner", "--grace", "60s", ...shell(command));
      const started = run("--grace", "300ms", "--", ...second);
      const pids = await pidsOf(started, "gone", "bare");
      started.process.kill(signal);
      await started.ended();
      if (signal === "SIGTERM") expect(pids.map(isAlive)).toEqual([false, false]);
      await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
    },
  );
});

describe("a command that this user may not signal", () => {
  test("is reported, and the lease is kept until it has ended by itself", async () => {
    // A program of root's, started by a user who may not signal it.
    const sudo = workshop.path("sudo");
    copyFileSync("/usr/bin/setpriv", sudo);
    chmodSync(sudo, 0o4755);
    chmodSync(workshop.directory, 0o777);
    const stop = workshop.path("stop");
    const script = `echo up $$; while ! test -e ${stop}; do sleep 0.05; done`;
    const command = [sudo, "--reuid=0", "--clear-groups", "sh", "-c", script];
    const started = workshop.startAs(
      65534,
      "run",
      "--key",
      "job",
      "--ttl",
      "2s",
      "--grace",
      "200ms",
      "--",
      ...command,
    );
    const [pid = 0] = await pidsOf(started, "up");
    const second = workshop.startAs(
      65534,
      "run",
      "--key",
      "job",
      "--ttl",
      "2s",
      ...shell("echo second"),
    );
    await second.says("leader changed");
    started.process.kill("SIGTERM");
    await started.says(
      `COMMAND cannot be signalled by this user \\(EPERM\\): process .*\\b${pid}\\b`,
    );
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(isAlive(pid)).toBe(true);
    expect(second.out).toBe("");
    writeFileSync(stop, "");
    expect(await started.ended()).toBe(143);
    await second.says("second");
  });
});

test("a command that ignores SIGTERM has the whole --grace while the lease is renewed", async () => {
  const script = "trap '' TERM; echo up; sleep 3 & while ! wait $!; do :; done; echo done";
  const started = run(
    "--grace",
    "20s",
    "--",
    "sh",
    "-c",
    script.replace("sleep 3", "(trap '' TERM; exec sleep 3)"),
  );
  await started.says("up");
  started.process.kill("SIGTERM");
  expect(await started.ended()).toBe(143);
  expect(started.out).toBe("up\ndone\n");
});
