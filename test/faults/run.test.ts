import { existsSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Incumbent, Workshop } from "../cli/incumbent.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const TTL = 2000;

let redis: RedisServer;
let workshop: Workshop;
let proxy: TcpProxy;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  workshop = new Workshop();
  proxy = await startProxy(redis.port);
});
afterEach(async () => {
  await workshop.close();
  await proxy.close();
});

/** Writes its token and the machine's time every 2 ms, and is deaf to SIGTERM, as is its own child. */
const stubborn = `
  const { appendFileSync } = require("fs");
  const { spawn } = require("child_process");
  process.on("SIGTERM", () => {});
  const write = (who) => appendFileSync(process.env.LOG,
    process.env.INCUMBENT_TOKEN + " " + process.hrtime.bigint() + " " + who + "\\n");
  if (!process.env.CHILD) {
    spawn(process.execPath, ["-e", process.env.SCRIPT], { env: { ...process.env, CHILD: "1" }, detached: true });
    console.log("working");
  }
  setInterval(() => write(process.env.CHILD ? "child" : "command"), 2);
`;

function start(port: number): Incumbent {
  const log = workshop.path("log");
  process.env["LOG"] = log;
  process.env["SCRIPT"] = stubborn;
  const store = `redis://127.0.0.1:${port}`;
  const options = ["--key", "stubborn", "--ttl", `${TTL}ms`, "--grace", "10s", "--store", store];
  return workshop.start("run", ...options, "--", process.execPath, "-e", stubborn);
}

/** Who wrote when, in the order of time. */
function lines(): { token: number; at: bigint; who: string }[] {
  const file = workshop.path("log");
  if (!existsSync(file)) return [];
  const written = readFileSync(file, "utf8").trim().split("\n");
  return written
    .map((line) => line.split(" "))
    .map(([token = "", at = "0", who = ""]) => ({ token: Number(token), at: BigInt(at), who }))
    .sort((a, b) => Number(a.at - b.at));
}

/** The command of the term `first`, its child included, had written its last before the next one wrote its first. */
async function expectSuccession(first: number): Promise<void> {
  const successor = () => lines().find(({ token }) => token > first);
  await expect.poll(successor, { timeout: 10_000 }).toBeDefined();
  const tokens = lines().map(({ token }) => token);
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  const old = lines().filter(({ token }) => token === first);
  expect(new Set(old.map(({ who }) => who))).toEqual(new Set(["command", "child"]));
  const silence = Number((successor()?.at ?? 0n) - (old.at(-1)?.at ?? 0n)) / 1e6;
  process.stdout.write(
    `  the command was silent ${silence.toFixed(0)} ms before its successor began\n`,
  );
  expect(silence).toBeGreaterThan(0);
}

/** One whose term is longer than its first lease, its command and the child of that at work; and one behind it. */
async function pair(): Promise<{ leader: Incumbent; token: number }> {
  const leader = start(proxy.port);
  await leader.says("working");
  const follower = start(redis.port);
  await follower.says("leader changed");
  const term = () => {
    const all = lines();
    return all.filter(({ token }) => token === all.at(-1)?.token);
  };
  await expect.poll(() => term().some(({ who }) => who === "child")).toBe(true);
  const age = () => {
    const own = term();
    return Number((own.at(-1)?.at ?? 0n) - (own[0]?.at ?? 0n)) / 1e6;
  };
  await expect.poll(age).toBeGreaterThan(1.2 * TTL);
  return { leader, token: lines().at(-1)?.token ?? 0 };
}

describe("the command of incumbent run, deaf to SIGTERM, is dead before the next one starts", () => {
  test("when the leader is cut off from the store", async () => {
    const { token } = await pair();
    proxy.mode = "swallow";
    await expectSuccession(token);
  });

  test("when the store is frozen, and thaws", async () => {
    const { token } = await pair();
    redis.pause();
    await new Promise((resolve) => setTimeout(resolve, 2.5 * TTL));
    redis.resume();
    await expectSuccession(token);
  });

  test("when incumbent itself is killed by SIGKILL", async () => {
    const { leader, token } = await pair();
    leader.process.kill("SIGKILL");
    await expectSuccession(token);
  });

  test("when incumbent itself is stopped by SIGSTOP", async () => {
    const { leader, token } = await pair();
    leader.process.kill("SIGSTOP");
    await expectSuccession(token);
  });

  test("when the store is killed for good: it is ended although no candidate can follow", async () => {
    const { leader } = await pair();
    await redis.kill();
    await leader.says("deposed");
    const lastLine = () => lines().at(-1)?.at ?? 0n;
    await expect
      .poll(() => Number(process.hrtime.bigint() - lastLine()) / 1e6, { timeout: 5000 })
      .toBeGreaterThan(300);
    await redis.start();
  });
});
