import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAlive, Workshop } from "./incumbent.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const run = (...args: string[]) => workshop.start("run", "--key", "job", "--ttl", "20s", ...args);
const shell = (script: string) => ["--", "sh", "-c", script];
const wait = "while :; do sleep 0.05; done";

describe("incumbent run passes on", () => {
  test.each(["HUP", "USR1", "USR2", "WINCH"])(
    "SIG%s to the command alone, not to what it has started",
    async (name) => {
      const worker = `(trap 'echo worker-got-it' ${name}; echo up; ${wait}) &`;
      const started = run(
        ...shell(`trap 'echo got it; sleep 0.3; exit 0' ${name}; ${worker} ${wait}`),
      );
      await started.says("up");
      started.process.kill(`SIG${name}` as NodeJS.Signals); // Of the four names above.
      expect(await started.ended()).toBe(0);
      expect(started.out).toContain("got it\n");
      expect(started.out).not.toContain("worker-got-it");
    },
  );

  test.each([
    ["TERM", 143],
    ["INT", 130],
    ["QUIT", 131],
  ])("SIG%s to the whole family, and ends with it", async (name, code) => {
    // A shell would have its children in the background ignore SIGINT.
    const script = `process.on("SIG${name}", () => { console.log("worker-got-it"); process.exit(); });
      console.log("up"); setInterval(() => {}, 1000);`;
    const worker = `${process.execPath} -e '${script}' &`;
    const started = run(...shell(`trap 'echo got it; wait; exit 0' ${name}; ${worker} ${wait}`));
    await started.says("up");
    started.process.kill(`SIG${name}` as NodeJS.Signals); // Of the three names above.
    expect(await started.ended()).toBe(code);
    expect(started.out).toContain("got it\n");
    expect(started.out).toContain("worker-got-it\n");
  });

  test("SIGTERM only once to processes of another run inside of it", async () => {
    const command = `trap 'echo caught' TERM; trap 'exit 0' USR1; echo up; ${wait}`;
    const inner = [process.execPath, main, "run", "--key", "inner", "--grace", "500ms"];
    const started = run("--", ...inner, ...shell(command));
    await started.says("up");
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    expect(started.out.match(/caught/g)).toHaveLength(1);
  });
});

describe("without a terminal, a SIGHUP", () => {
  test("does not end a follower, which may be a service started with nohup", async () => {
    const leader = run(...shell(`echo up; ${wait}`));
    await leader.says("up");
    const follower = run(...shell("echo second"));
    await follower.says("leader changed");
    follower.process.kill("SIGHUP");
    leader.process.kill("SIGTERM");
    expect(await follower.ended()).toBe(0);
    expect(follower.out).toBe("second\n");
  });

  test("that was ignored at the start is also ignored by the command", async () => {
    const words = `trap "" HUP; ${process.execPath} ${main} run --key job -- sh -c 'echo up $$; ${wait}'; exit`;
    const env = { ...process.env, INCUMBENT_STORE: workshop.store };
    const outer = spawn("sh", ["-c", words], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(outer.stdout.setEncoding("utf8"), "data");
    const command = Number(/up (\d+)/.exec(said)?.[1]);
    process.kill(command, "SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(command)).toBe(true);
    process.kill(command, "SIGKILL");
    await once(outer, "exit");
    expect(outer.exitCode).toBe(137);
  });
});
