import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startRedis } from "../support/redis-server.ts";
import { root } from "../tidy/source.ts";

const source = (path: string) => JSON.stringify(join(root, "src", path));

/** Runs a program with `Elector` and `MemoryStore`; each `say` is a line of its output. */
function run(program: string) {
  const code = `
    import { Elector, MemoryStore } from ${source("index.ts")};
    const say = (text) => process.stdout.write(text + "\\n");
    const lead = async (options) => {
      const elector = new Elector(new MemoryStore(), "job", { stopOnSignals: true, ...options });
      elector.onLeadershipChange((isLeader) => say(isLeader ? "leads" : "left"));
      await elector.start();
      await elector.waitForLeadership();
      return elector;
    };
    ${program}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const child = spawn(process.execPath, args, {
    cwd: root,
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const closed = once(child, "close");
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    says: async (text: string) => {
      while (!said.includes(text) && child.exitCode === null && child.signalCode === null) {
        await Promise.race([once(child.stdout, "data"), closed]);
      }
    },
    end: async () => {
      const [code, signal] = await closed;
      return { said, by: signal ?? code };
    },
  };
}

/** What keeps a server alive. */
const server = "setInterval(() => {}, 1000);";

describe("stopOnSignals", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s stops every elector, and then ends a process that something else keeps alive",
    async (signal) => {
      const program = run(`${server} await lead(); await lead(); say("ready");`);
      await program.says("ready");
      program.kill(signal);
      expect(await program.end()).toEqual({
        said: "leads\nleads\nready\nleft\nleft\n",
        by: signal,
      });
    },
  );

  test("work drains before the process ends, and a second signal ends it at once", async () => {
    const program = run(`
      ${server}
      const elector = await lead();
      elector.lead(() => new Promise(() => {})).catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      say("ready");`);
    await program.says("ready");
    program.kill("SIGINT");
    await program.says("left");
    program.kill("SIGINT");
    expect((await program.end()).by).toBe("SIGINT");
  });

  test.each(["before", "after"])(
    "a program that listens itself, once, from %s the start on, decides when it ends",
    async (moment) => {
      const listen = `process.once("SIGTERM", () => {
        say("own");
        setTimeout(() => process.exit(7), 100);
      });`;
      const program = run(`
        ${server}
        ${moment === "before" ? listen : ""}
        await lead();
        ${moment === "after" ? listen : ""}
        say("ready");`);
      await program.says("ready");
      program.kill("SIGTERM");
      const { said, by } = await program.end();
      expect(by).toBe(7);
      expect(said.split("\n").sort()).toEqual(["", "leads", "left", "own", "ready"]);
    },
  );

  test("an elector that has stopped leaves no listener, and a signal has its usual effect", async () => {
    const program = run(`
      ${server}
      await (await lead()).stop();
      say("listeners " + process.listenerCount("SIGTERM") + process.listenerCount("SIGINT"));`);
    await program.says("listeners");
    program.kill("SIGTERM");
    expect(await program.end()).toEqual({ said: "leads\nleft\nlisteners 00\n", by: "SIGTERM" });
  });
});

describe("unref", () => {
  test("a started elector does not keep the process alive", async () => {
    const program = run(`await lead({ unref: true, stopOnSignals: false }); say("ready");`);
    expect(await program.end()).toEqual({ said: "leads\nready\n", by: 0 });
  });

  test.each(["ioredis", "redis"])("neither does one on Redis, by %s", async (library) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const client =
      library === "ioredis"
        ? `new (await import("ioredis")).Redis(url, { lazyConnect: true })`
        : `(await import("redis")).createClient({ url })`;
    const program = run(`
      import { RedisElector } from ${source("redis.ts")};
      const url = ${JSON.stringify(redis.url)};
      const elector = new RedisElector(${client}, "job", { restartGuard: false, unref: true });
      await elector.start();
      const keep = setInterval(() => {}, 1000);
      await elector.waitForLeadership();
      clearInterval(keep);
      say("ready");`);
    expect(await program.end()).toEqual({ said: "ready\n", by: 0 });
  });
});
