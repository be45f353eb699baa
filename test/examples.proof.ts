import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Workshop } from "./cli/incumbent.ts";
import { readProjectFile } from "./docs/declarations.ts";
import { codeBlocksOf, headingsOf, tableOf, termsOf } from "./docs/markdown.ts";
import { startPostgres } from "./support/postgres-server.ts";
import { startRedis } from "./support/redis-server.ts";
import { brokenLinks } from "./tidy/links.ts";
import { root } from "./tidy/source.ts";

const running = new Set<ChildProcess>();

/** An example has processes of its own: the whole group ends, also when a test fails. */
function endAll(): void {
  for (const { pid } of running) if (pid !== undefined) endGroup(pid);
  running.clear();
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // They have all ended by themselves.
  }
}

afterEach(endAll);
process.once("exit", endAll);

/** Runs the last command that the example's README tells people to type, and gives what it prints. */
async function run(example: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const [block] = codeBlocksOf(readme(example)).filter(({ info }) => info === "sh");
  const command = block?.code.trimEnd().split("\n").at(-1) ?? "";
  const { code, stdout, stderr } = await execute(command, env);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** Runs a command as people type it, and gives all that it says. */
async function execute(command: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, {
    shell: true,
    cwd: root,
    env: { ...process.env, INCUMBENT_STORE: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, ...said };
}

async function runOnRedis(example: string): Promise<string> {
  const redis = await startRedis();
  try {
    return await run(example, { INCUMBENT_STORE: redis.url });
  } finally {
    await redis.stop();
  }
}

const readme = (example: string) => readProjectFile(`examples/${example}/README.md`);

/** The part of a line that an expression has in brackets, of every line that it fits. */
function all(text: string, expression: RegExp): string[] {
  return [...text.matchAll(expression)].map(({ 1: part = "" }) => part);
}

function expectGrowing(tokens: readonly string[]): void {
  const numbers = tokens.map(Number);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
}

describe("kill-the-leader", () => {
  const expectSuccession = (story: string) => {
    const leaders = all(story, / (\w+) leads, token \d+/g);
    expect([...leaders].sort()).toEqual(["one", "three", "two"]);
    expect(all(story, / (\w+) is killed/g)).toEqual(leaders.slice(0, 2));
    expectGrowing(all(story, /token (\d+)/g));
    for (const gap of all(story, /, (\d+) ms after the kill/g)) {
      // The lease of 2 s was renewed at most 600 ms before; the rest is for a busy machine.
      expect(Number(gap)).toBeGreaterThan(1_000);
      expect(Number(gap)).toBeLessThan(3_500);
    }
  };

  test("each killed leader is succeeded, with a larger token", async () => {
    expectSuccession(await run("kill-the-leader"));
  });

  test("does the same on Redis", async () => {
    expectSuccession(await runOnRedis("kill-the-leader"));
  });
});

describe("cron-once", () => {
  test("one process runs the job each second, another goes on, and a late write is refused", async () => {
    const story = await run("cron-once");
    const [before = "", after = ""] = story.split(/^\w+ is killed$/m);
    const [killed = ""] = all(story, /^(\w+) is killed$/gm);
    expect(new Set(all(before, /run by (\w+)/g))).toEqual(new Set([killed]));
    expect(all(after, /run by (\w+)/g)).toHaveLength(3);
    expect(all(after, /run by (\w+)/g)).not.toContain(killed);
    const times = all(story, /^(\S+) {2}run by/gm);
    expect(new Set(times).size).toBe(6);
    expectGrowing([...new Set(all(story, /run by \w+, token (\d+)/g))]);
    expect(story).toMatch(/^a late write of .*: 409$/m);
  });
});

describe("express-api", () => {
  test("followers send writes to the leader, and every note is read by every instance", async () => {
    const story = await run("express-api");
    const [first, second, third] = all(story, /is written by (\S+) after/g);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(story).toContain(`a follower answers 307, location: ${first}/notes`);
    expect(story).toContain('every instance reads: ["first note","second note","third note"]');
  });
});

describe("graceful-deploy", () => {
  const expectSmoothHandovers = (story: string) => {
    expect(all(story, /^SIGTERM to (.*)$/gm)).toEqual(["a-v1", "b-v1", "c-v1"]);
    const gaps = all(story, /^\w-v\d leads, (-?\d+) ms later$/gm).map(Number);
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    // A crash would have cost at least 3500 ms, 70 % of the ttl.
    expect(Math.max(...gaps)).toBeLessThan(3_000);
    expect(all(story, /(leads)/g).length).toBe(gaps.length + 1);
    expect(all(story, /finished its job (\d+) ms after SIGTERM/g)).toHaveLength(gaps.length);
  };

  test("leadership goes from process to process without waiting for a lease to end", async () => {
    expectSmoothHandovers(await run("graceful-deploy"));
  });

  test("does the same on Redis", async () => {
    expectSmoothHandovers(await runOnRedis("graceful-deploy"));
  });
});

describe("scheduled-jobs", () => {
  /** Each run of the job as `name token end`, in order; fails if one begins before another has ended. */
  function runsIn(story: string): string[] {
    const runs: string[] = [];
    let running: string | undefined;
    for (const line of story.split("\n")) {
      const [name = "", verb = "", , token = ""] = line.split(/,? /);
      if (verb === "begins") {
        expect(running, story).toBe(undefined);
        running = `${name} ${token}`;
      } else if (verb === "ends" || verb === "stops") {
        expect(running?.startsWith(`${name} `), story).toBe(true);
        runs.push(`${running} ${verb}`);
        running = undefined;
      }
    }
    return runs;
  }

  function expectOneLeaderAtATime(example: string, story: string): void {
    const runs = runsIn(story).map((run) => run.split(" "));
    // A whole run and one that is stopped with the leader, and then the same of the next.
    expect(runs.map(([, , end]) => end).join(), example).toBe("ends,stops,ends,stops");
    const [first, second, third, fourth] = runs.map(([name, token]) => `${name} ${token}`);
    expect([second, fourth], example).toEqual([first, third]);
    expect(new Set(runs.map(([name]) => name)).size, example).toBe(2);
    expectGrowing([...new Set(runs.map(([, token = ""]) => token))]);
  }

  test("with each scheduler, the leader alone runs the job, and stops it before the next one begins", async () => {
    const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    const stores = new Map([
      ["bullmq.mjs", redis.url],
      ["pg-boss.mjs", postgres.url],
    ]);
    const examples = tableOf(readme("scheduled-jobs"), "| Scheduler |").map(
      ([, file = ""]) => /\((.*)\)/.exec(file)?.[1] ?? "",
    );
    expect(examples).toHaveLength(6);
    try {
      const stories = examples.map(async (example) => {
        const env = { INCUMBENT_STORE: stores.get(example), SEND_AT_ONCE: "yes" };
        const run = await execute(`node examples/scheduled-jobs/main.mjs ${example}`, env);
        // What some schedulers print on a busy machine.
        const stderr = run.stderr.replace(/^.*\bmissed execution\b.*\n/gim, "");
        expect({ code: run.code, stderr }, example).toEqual({ code: 0, stderr: "" });
        expectOneLeaderAtATime(example, run.stdout);
      });
      await Promise.all(stories);
    } finally {
      await Promise.all([redis.stop(), postgres.stop()]);
    }
  });

  test("each example has fewer than 40 lines", () => {
    for (const [, file = ""] of tableOf(readme("scheduled-jobs"), "| Scheduler |")) {
      const path = /\((.*)\)/.exec(file)?.[1] ?? "";
      const lines = readProjectFile(`examples/scheduled-jobs/${path}`).split("\n").length;
      expect(lines, path).toBeLessThan(40);
    }
  });
});

describe("docker-entrypoint", () => {
  /** What the container runs, in the exec form of the Dockerfile. */
  function instruction(name: string): string[] {
    const file = readProjectFile("examples/docker-entrypoint/Dockerfile");
    const [json = "[]"] = all(file, new RegExp(`^${name} (.*)$`, "gm"));
    return JSON.parse(json);
  }

  test("one container works; when it is stopped its job ends well, and the next container goes on", async () => {
    const [program, ...args] = instruction("ENTRYPOINT");
    const [node, job = ""] = instruction("CMD");
    expect([program, node]).toEqual(["./node_modules/.bin/incumbent", "node"]);
    const command = [...args, process.execPath, join(root, "examples/docker-entrypoint", job)];
    const workshop = new Workshop();
    try {
      const first = workshop.start(...command);
      await first.says("job works");
      const second = workshop.start(...command);
      await second.says("leader changed");
      first.process.kill("SIGTERM");
      expect(await first.ended()).toBe(143);
      expect(first.out).toMatch(/job has ended in good order, token \d+\n$/);
      await second.says("job works");
      expectGrowing([first, second].map(({ out }) => all(out, /begins, token (\d+)/g).join()));
    } finally {
      await workshop.close();
    }
  });
});

describe("fenced-transactions", () => {
  test("each library commits for the leader, and not for an earlier one", async () => {
    const postgres = await startPostgres();
    try {
      const story = await run("fenced-transactions", { INCUMBENT_STORE: postgres.url });
      const blocks = codeBlocksOf(readme("fenced-transactions"));
      expect(story).toBe(blocks.find(({ info }) => info === "text")?.code);
    } finally {
      await postgres.stop();
    }
  });
});

describe("testing", () => {
  const commands = tableOf(readme("testing"), "| Runner |").map(([runner = "", command = ""]) => [
    runner,
    termsOf(command).join(),
  ]);

  test.each(commands)("the same four tests pass under %s", async (_runner, command = "") => {
    const { code, stdout, stderr } = await execute(command, { NO_COLOR: "1" });
    const said = stdout + stderr;
    expect(code, said).toBe(0);
    expect(said).toMatch(/Tests:? +4 passed|# pass 4$/m);
  });

  test("the tests of the three runners differ in the runner's own names alone", () => {
    const testsOf = (file: string) => readProjectFile(`examples/testing/${file}`).split("\n\n");
    const [, ...vitest] = testsOf("vitest.test.mjs");
    const [, ...jest] = testsOf("jest.test.mjs");
    expect(jest).toEqual(vitest.map((text) => text.replaceAll("vi.", "jest.")));
    const titles = (file: string) => all(testsOf(file).join("\n"), /^test\("(.*)", async/gm);
    expect(titles("node.test.mjs")).toEqual(titles("vitest.test.mjs"));
  });
});

describe("the README of an example", () => {
  const examples = [
    "kill-the-leader",
    "cron-once",
    "express-api",
    "graceful-deploy",
    "scheduled-jobs",
    "docker-entrypoint",
    "fenced-transactions",
    "testing",
  ];

  test.each(examples)(
    "%s says what it shows, how to run it, what one sees and what to look at",
    (example) => {
      const sections = ["Run it", "What you will see", "What to look at"];
      expect(headingsOf(readme(example), 2)).toEqual(expect.arrayContaining(sections));
    },
  );

  test.each(examples)("%s is run by at most two commands", (example) => {
    const [block] = codeBlocksOf(readme(example)).filter(({ info }) => info === "sh");
    const commands = block?.code.trimEnd().split("\n") ?? [];
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.length).toBeLessThanOrEqual(2);
  });

  test.each(examples)("%s has no link that leads nowhere", (example) => {
    expect(brokenLinks({ path: `examples/${example}/README.md`, text: readme(example) })).toEqual(
      [],
    );
  });
});
