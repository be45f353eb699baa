import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAlive, Workshop } from "./incumbent.ts";
import { Terminal } from "./terminal.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let workshop: Workshop;
let terminal: Terminal;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(async () => {
  terminal.close();
  await workshop.close();
});

function open(...command: string[]): void {
  const words = [
    process.execPath,
    main,
    "run",
    "--key",
    "job",
    "--store",
    workshop.store,
    "--",
    ...command,
  ];
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // This shell outlives the terminal, and writes down how the command has ended.
  const keep = `trap : HUP INT TERM QUIT; "$@"; code=$?; echo $code > ${workshop.path("code")}; exit $code`;
  terminal = new Terminal(workshop.path("tmux"), `sh -c '${keep}' sh ${line}`);
}

/** The process group of a process, without the leader of its session. */
function groupOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,pgid=,sess="], { encoding: "utf8" });
  const rows = stdout
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const group = rows.find(([one]) => one === pid)?.[1];
  return rows.flatMap(([one = 0, its, session]) => (its === group && one !== session ? [one] : []));
}

describe("on a terminal, incumbent run", () => {
  test("gives the command the terminal: it is one, has a size, and can be typed into", async () => {
    open(
      "sh",
      "-c",
      "test -t 0 && test -t 1 && stty size < /dev/tty; read line; echo got $line; exit 5",
    );
    await terminal.shows("30 100");
    terminal.type("hello", "Enter");
    await terminal.shows("got hello");
    await terminal.shows("ended with 5");
  });

  test("passes Ctrl-C to the command once, and ends with 130", async () => {
    open("sh", "-c", "trap 'echo interrupted; exit 9' INT; echo up; while :; do sleep 0.05; done");
    await terminal.shows("up");
    terminal.type("C-c");
    await terminal.shows("ended with 130");
    expect(terminal.screen().match(/interrupted/g)).toHaveLength(1);
  });

  test("exits 129 when the terminal is closed, with the command dead and the lease free", async () => {
    open("sh", "-c", "echo $$ > $0; echo up; exec sleep 60", workshop.path("pid"));
    await terminal.shows("up");
    terminal.close();
    const code = workshop.path("code");
    await expect
      .poll(() => existsSync(code) && readFileSync(code, "utf8"), { timeout: 10_000 })
      .toBe("129\n");
    expect(isAlive(Number(readFileSync(workshop.path("pid"), "utf8")))).toBe(false);
    const status = workshop.start("status", "job", "--json");
    await status.ended();
    expect(JSON.parse(status.out).leader).toBe(null);
  });

  test.each([
    ["INT", 130],
    ["TERM", 143],
    ["QUIT", 131],
  ])("passes kill -%s on to the command, which no key has reached", async (name, code) => {
    const loop = "echo up $PPID.; while :; do sleep 0.05; done";
    open("sh", "-c", `trap 'echo caught; exit 9' ${name}; ${loop}`);
    await terminal.shows("up ");
    const pid = Number(/up (\d+)\./.exec(terminal.screen())?.[1]);
    process.kill(pid, `SIG${name}`);
    await terminal.shows(`ended with ${code}`);
    expect(terminal.screen().match(/caught/g)).toHaveLength(1);
  });

  test.each(["HUP", "TERM"])(
    "passes SIG%s, if its whole group has got it, on to none that has it",
    async (name) => {
      const loop = "echo up $PPID.; while :; do sleep 0.05; done";
      open("sh", "-c", `trap 'echo caught' ${name}; trap 'exit 9' INT; ${loop}`);
      await terminal.shows("up ");
      const pid = Number(/up (\d+)\./.exec(terminal.screen())?.[1]);
      // Not to the shell that leads the session: of its SIGHUP the terminal would end.
      // Some, such as a `sleep` of its loop, may have ended meanwhile.
      spawnSync("kill", [`-${name}`, ...groupOf(pid).map(String)]);
      await terminal.shows("caught");
      // After a SIGHUP it goes on, and the next signal is one more that has to be passed on.
      if (name === "HUP") process.kill(pid, "SIGINT");
      await terminal.shows(`ended with ${name === "HUP" ? 130 : 143}`);
      expect(terminal.screen().match(/caught/g)).toHaveLength(1);
    },
  );

  test("runs a full-screen program", async () => {
    open("less", "/etc/passwd");
    await terminal.shows("root:");
    terminal.type("q");
    await terminal.shows("ended with 0");
  });
});

describe("on a terminal, incumbent status", () => {
  test("is in colour, and not with NO_COLOR", async () => {
    const line = (env: string) => `env ${env} ${process.execPath} ${main} status --store memory:`;
    terminal = new Terminal(workshop.path("tmux"), `${line("NO_COLOR=1")}; ${line("NO_COLOR=")}`);
    await terminal.shows("ended with 0");
    const { stdout } = spawnSync(
      "tmux",
      ["-S", workshop.path("tmux"), "capture-pane", "-p", "-e"],
      {
        encoding: "utf8",
      },
    );
    const said = stdout.split("\n").filter((row) => row.includes("no elections"));
    expect(said).toEqual(["no elections", expect.stringContaining("\u001b[")]);
  });
});
