import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startRedis } from "../support/redis-server.ts";
import { Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const run = (...args: string[]) => workshop.start("run", "--key", "job", ...args);
const says = (text: string) => ["--", "sh", "-c", `echo ${text}; sleep 60`];

async function leader() {
  const leading = run("--node-id", "first", ...says("up"));
  await leading.says("up");
  return leading;
}

describe.each([
  ["--try", ["--try"]],
  ["--wait", ["--wait", "3s"]],
])("incumbent run %s", (_, patience) => {
  test("runs the command if there is no leader, and exits with its code", async () => {
    const started = run(...patience, "--", "sh", "-c", "exit 7");
    expect(await started.ended()).toBe(7);
  });

  test("exits 75 and names the leader, which is not affected, and starts nothing", async () => {
    const leading = await leader();
    const started = run(...patience, ...says("never"));
    expect(await started.ended()).toBe(75);
    expect(started.err).toMatch(/^incumbent: not elected: first leads "job"\n/m);
    expect(started.out).toBe("");
    const status = workshop.start("status", "job", "--json");
    await status.ended();
    expect(JSON.parse(status.out).leader.nodeId).toBe("first");
    expect(leading.process.exitCode).toBe(null);
  });

  test("exits 69 if the store does not answer, and reports the error", async () => {
    const started = run(...patience, "--store", "redis://127.0.0.1:1", ...says("never"));
    expect(await started.ended()).toBe(69);
    expect(started.err).toMatch(/^incumbent: not elected: .*ECONNREFUSED/m);
    expect(started.out).toBe("");
  });

  test("exits 75 while a new server grants no lease, and reports it", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const started = run(...patience, "--store", server.url, ...says("never"));
    expect(await started.ended()).toBe(75);
    expect(started.err).toMatch(
      /^incumbent: not elected: the store is new or .* another \d+\.\d s$/m,
    );
  });
});

describe("incumbent run --wait", () => {
  test("is elected if the leader leaves in time, and from then on has no time limit", async () => {
    const leading = await leader();
    const started = run("--wait", "20s", "--node-id", "second", ...says("mine"));
    await started.says("leader changed");
    leading.process.kill("SIGTERM");
    await started.says("mine");
  });

  test("exits 128+n on a signal while it waits, and leaves the lease free", async () => {
    const leading = await leader();
    const started = run("--wait", "1h", ...says("never"));
    await started.says("leader changed");
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
    leading.process.kill("SIGTERM");
    await leading.ended();
    expect(await run("--try", "--", "true").ended()).toBe(0);
  });

  test("excludes --try; each has its environment variable", async () => {
    const both = run("--wait", "1s", "--try", ...says("never"));
    expect(await both.ended()).toBe(64);
    expect(both.err).toContain("--try is the same as --wait 0s");
    await leader();
    const words = ['INCUMBENT_TRY=1 exec "$@"', "run", "--key", "job", ...says("never")] as const;
    const started = workshop.shell(...words);
    expect(await started.ended()).toBe(75);
  });
});
