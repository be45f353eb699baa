import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAlive, Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const run = (...args: string[]) => workshop.start("run", "--key", "job", "--ttl", "5s", ...args);
const shell = (script: string) => ["--", "sh", "-c", script];

describe("incumbent run ends with the right code", () => {
  test.each([
    ["the command's own", shell("exit 7"), 7],
    ["zero", shell("true"), 0],
    ["128+n for a signal that ended the command", shell("kill -KILL $$"), 137],
  ])("%s", async (_, command, code) => {
    expect(await run(...command).ended()).toBe(code);
  });

  test.each([
    ["no-such-command", 127, "no-such-command: command not found"],
    ["./no-such-command", 127, "./no-such-command: command not found"],
    ["/etc/passwd", 126, "/etc/passwd: permission denied, or not an executable file"],
  ])("and a line that names it when %s cannot be started", async (command, code, line) => {
    const started = run("--", command);
    expect(await started.ended()).toBe(code);
    expect(started.err).toContain(`\nincumbent: ${line}\n`);
  });

  test("127 if the interpreter of a script is missing, and says so", async () => {
    const script = workshop.path("script");
    writeFileSync(script, "#!/no/such/interpreter\n", { mode: 0o755 });
    const started = run("--", script);
    expect(await started.ended()).toBe(127);
    expect(started.err).toContain(`${script}: the interpreter in its first line was not`);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "128+n when %s ends it, whatever the command says",
    async (signal) => {
      const started = run(
        ...shell(
          `trap 'echo got-${signal}; exit 3' ${signal.slice(3)}; echo up; while :; do sleep 0.05; done`,
        ),
      );
      await started.says("up");
      started.process.kill(signal);
      expect(await started.ended()).toBe(signal === "SIGTERM" ? 143 : 130);
      expect(started.out).toContain(`got-${signal}`);
      const next = workshop.start("run", "--key", "job", "--ttl", "60s", ...shell("exit 0"));
      expect(await next.ended()).toBe(0);
    },
  );

  test("75 with --once, when leadership was lost", async () => {
    const started = run("--ttl", "3s", "--once", ...shell("echo up $$; sleep 60"));
    const pid = Number((await started.says(/up \d+\n/)).split(" ")[1]);
    started.process.kill("SIGSTOP");
    // By the guard, when the lease is about to end.
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    started.process.kill("SIGCONT");
    expect(await started.ended()).toBe(75);
  });
});

describe("incumbent run gives the command", () => {
  test("key, name and token in its environment, and its arguments without a shell", async () => {
    const started = run(
      "--node-id",
      "box-1",
      "--",
      "node",
      "-e",
      "console.log(process.env.INCUMBENT_KEY, process.env.INCUMBENT_NODE_ID, process.env.INCUMBENT_TOKEN > 1e15, process.argv[1])",
      "$HOME *",
    );
    expect(await started.ended()).toBe(0);
    expect(started.out).toBe("job box-1 true $HOME *\n");
  });

  test("standard input and output untouched", async () => {
    const started = run(...shell("cat; echo err >&2"));
    started.process.stdin?.end("what goes in\n");
    expect(await started.ended()).toBe(0);
    expect(started.out).toBe("what goes in\n");
    expect(started.err).toContain("err\n");
  });

  test.each(["HUP", "USR1", "USR2", "WINCH"])("SIG%s", async (name) => {
    const signal = `SIG${name}` as NodeJS.Signals;
    const started = run(
      ...shell(`trap 'echo got it; exit 0' ${name}; echo up; while :; do sleep 0.05; done`),
    );
    await started.says("up");
    started.process.kill(signal);
    expect(await started.ended()).toBe(0);
    expect(started.out).toContain("got it");
  });
});

describe("incumbent run", () => {
  test("runs the command only in the leader, and in its successor after it has ended", async () => {
    const first = run(...shell("echo first; sleep 60"));
    await first.says("first");
    const second = run(...shell("echo second; sleep 60"));
    await second.says("leader changed");
    first.process.kill("SIGTERM");
    await second.says("second");
    expect(second.out).toBe("second\n");
    expect(await first.ended()).toBe(143);
  });

  test("also ends processes that the command has started and left behind", async () => {
    const daemon =
      "setsid sh -c 'echo daemon $$; exec sleep 60' & (trap \"\" TERM; echo deaf $(exec sh -c 'echo $PPID'); while :; do sleep 0.1; done) & wait";
    const started = run("--grace", "300ms", ...shell(daemon));
    const pids = [await started.says(/daemon \d+/), await started.says(/deaf \d+/)].map((said) =>
      Number(said.split(" ")[1]),
    );
    expect(pids.map(isAlive)).toEqual([true, true]);
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test("has a status file only while it leads", async () => {
    const file = workshop.path("status.json");
    const started = run("--status-file", file, "--node-id", "me", ...shell("echo up; sleep 60"));
    await started.says("up");
    await expect.poll(() => existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ key: "job", nodeId: "me" });
    started.process.kill("SIGTERM");
    await started.ended();
    expect(existsSync(file)).toBe(false);
  });

  test("runs its hooks before the command starts and after it has ended", async () => {
    const started = run(
      "--on-elected",
      "echo won $INCUMBENT_TOKEN",
      "--on-lost",
      "echo lost",
      ...shell("echo working"),
    );
    expect(await started.ended()).toBe(0);
    expect(started.out.replace(/\d+/, "N")).toBe("won N\nworking\nlost\n");
  });
});

describe("incumbent run reports a usage error, and exits 64", () => {
  test.each([
    [[], "run needs --key KEY"],
    [["--key", "job"], "run needs a command after --"],
    [["--key", "job", "true"], "put the command of run after --; got true"],
    [["--kye", "job"], "Unknown option --kye. Did you mean --key?"],
    [["--key", "job", "--ttl", "10", "--", "true"], "--ttl must be a duration"],
    [["--key", "job", "--ttl", "50ms", "--", "true"], "--ttl must be a whole number from 100"],
    [["--key", "job", "--renew", "9s", "--", "true"], "--renew must be at most"],
    [["--key", "job", "--store", "mongodb://x", "--", "true"], "must be a URL of a known kind"],
    [["--key", "job", "--log", "xml", "--", "true"], "--log must be text or json"],
    [["--key", "job", "--http", "nowhere", "--", "true"], "--http must be HOST:PORT"],
    [["--once=yes", "--key", "job", "--", "true"], "--once takes no value"],
  ])("%j", async (args, complaint) => {
    const started = workshop.start("run", ...args);
    expect(await started.ended()).toBe(64);
    expect(started.err).toContain(complaint);
    expect(started.err).toContain("Try: incumbent run --help");
  });
});
