import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { SteadyOutput } from "../../src/cli/steady-output.ts";
import { isAlive, Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

/** More than one life of a lease: without renewals the command would be dead before. */
const TICKS = 60;

const SLOWLY = 90_000;

/** Says its number, and so that it is the same process throughout, TICKS times and more. */
const ticking = "while :; do echo tick $$; sleep 0.1; done";

const run = (script: string) => [
  ...["run", "--key", "job", "--ttl", "5s", "--verbose"],
  ...["--", "sh", "-c", script],
];

describe("a line for a reader", () => {
  function pipe() {
    const path = workshop.path("pipe");
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    onTestFinished(() => closeSync(writer));
    const output = new SteadyOutput(writer);
    onTestFinished(() => output.close());
    /** Everything that is in the pipe now. */
    const read = () => {
      const bytes = Buffer.alloc(200_000);
      try {
        return bytes.toString("utf8", 0, readSync(reader, bytes));
      } catch {
        return "";
      }
    };
    return { reader, output, read };
  }

  test("that has stopped reading is kept up to a limit, and the number of lost lines is reported", async () => {
    const { reader, output, read } = pipe();
    onTestFinished(() => closeSync(reader));
    const line = `${"x".repeat(99)}\n`;
    for (let count = 0; count < 5000; count += 1) output.write(line);
    let heard = "";
    await expect
      .poll(() => {
        heard += read();
        return heard;
      })
      .toMatch(/ lines were lost\n$/);
    const whole = heard.split("\n").filter((text) => text === line.trim()).length;
    const lost = Number(/stopped reading; (\d+) lines/.exec(heard)?.[1]);
    expect(whole + lost).toBe(5000);
    expect(whole).toBeLessThan(2000);
    output.write("again\n");
    expect(read()).toBe("again\n");
  });

  test("that is gone is lost, and nothing throws", () => {
    const { reader, output } = pipe();
    closeSync(reader);
    output.write("without a reader\n");
    output.write("without a reader\n");
  });
});

describe("incumbent run and its command keep running,", () => {
  async function ticks(out: () => string): Promise<Set<string | undefined>> {
    const all = () => [...out().matchAll(/tick (\d+)/g)].map(([, pid]) => pid);
    const before = all().length;
    await expect.poll(() => all().length - before, { timeout: SLOWLY / 2 }).toBeGreaterThan(TICKS);
    return new Set(all());
  }

  test(
    "when the reader of its log has gone",
    async () => {
      const started = workshop.start(...run(ticking));
      await started.says("renewed");
      started.process.stderr?.destroy();
      expect((await ticks(() => started.out)).size).toBe(1);
      await endsAsItShould(started);
    },
    SLOWLY,
  );

  test(
    "when the reader of its log has stopped, and the pipe is full",
    async () => {
      const filler = "yes filler | head -c 1000000 >&2 &";
      const started = workshop.start(...run(`${filler} ${ticking}`));
      await started.says("tick");
      started.process.stderr?.pause();
      expect((await ticks(() => started.out)).size).toBe(1);
      await endsAsItShould(started);
    },
    SLOWLY,
  );

  test.each(["a pipe", "/dev/full"])(
    "when its log is %s that takes nothing",
    async (where) => {
      const into = where === "a pipe" ? "2> >(exec tail --pid=$$ -f /dev/null)" : "2> /dev/full";
      const filler = where === "a pipe" ? "yes filler | head -c 1000000 >&2 &" : "";
      const started = workshop.shell(`exec "$@" ${into}`, ...run(`${filler} ${ticking}`));
      expect((await ticks(() => started.out)).size).toBe(1);
      await endsAsItShould(started);
    },
    SLOWLY,
  );

  async function endsAsItShould(started: ReturnType<Workshop["start"]>): Promise<void> {
    const pid = Number(/tick (\d+)/.exec(started.out)?.[1]);
    expect(isAlive(pid)).toBe(true);
    const exited = new Promise((resolve) => started.process.once("exit", resolve));
    started.process.kill("SIGTERM");
    expect(await exited).toBe(143);
    expect(isAlive(pid)).toBe(false);
    const status = workshop.start("status", "job", "--json");
    await status.ended();
    expect(JSON.parse(status.out).leader).toBe(null);
  }
});

describe("a command that only reads", () => {
  test("ends silently if its reader is gone, and reports that its output cannot be written", async () => {
    const gone = workshop.shell('set -o pipefail; "$@" | true; echo code $?', "--help");
    expect(await gone.ended()).toBe(0);
    expect(gone.out + gone.err).toBe("code 0\n");
    const full = workshop.shell('exec "$@" > /dev/full', "--help");
    expect(await full.ended()).toBe(1);
    expect(full.err).toMatch(/^incumbent: cannot write to standard output: ENOSPC/);
  });

  test("keeps its exit code if the reader of its errors is gone", async () => {
    const gone = workshop.shell('exec "$@" 2> /dev/full', "status", "--nonsense");
    expect(await gone.ended()).toBe(64);
  });
});
