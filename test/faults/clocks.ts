import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startProxy } from "../support/tcp-proxy.ts";
import type { Candidate, Message, Surroundings } from "./candidate-process.ts";
import { LONG_TTL, now, Troupe } from "./troupe.ts";

const TTL = 1000;
const HOUR = 3600;

let redis: RedisServer;
let troupe: Troupe;
let folder: string;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  troupe = new Troupe();
  folder = mkdtempSync(join(tmpdir(), "incumbent-clocks-"));
});
afterEach(async () => {
  await troupe.disperse();
  rmSync(folder, { recursive: true });
});

const isFrom = (wanted: Candidate) => (candidate: Candidate) => candidate === wanted;

/** The library that forges the clocks of a process, as its command finds it. */
function faketime(settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const library = execFileSync("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"], {
    encoding: "utf8",
  });
  return { LD_PRELOAD: library.trim(), ...settings };
}

/** A wall clock that can be set while the process runs. */
function settableClock(name: string): { env: NodeJS.ProcessEnv; set(seconds: number): void } {
  const path = join(folder, `${name}-clock`);
  const set = (seconds: number) => writeFileSync(path, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  set(0);
  const settings = { FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_NO_CACHE: "1" };
  return { env: faketime({ ...settings, FAKETIME_TIMESTAMP_FILE: path }), set };
}

async function clocksOf(candidate: Candidate): Promise<{ monotonic: number; wall: number }> {
  const told = troupe.next("clocks", isFrom(candidate));
  candidate.tell("clocks");
  const { monotonic = 0, wall = 0 } = (await told).message;
  return { monotonic, wall };
}

export function setClocks(): void {
  describe("a wall clock that is set", () => {
    test.each([
      ["Redis", () => ({ port: redis.port })],
      ["SQLite", () => ({ path: join(folder, "election.db") })],
    ])(
      "by an hour, forward and back, of the leader and of all processes, changes nothing on %s",
      async (name, storeOf) => {
        const clocks = ["one", "two", "three"].map((candidate) => {
          const { env, set } = settableClock(candidate);
          const options = { store: storeOf(), key: `jumps-${name}`, options: { ttl: TTL } };
          return { candidate: troupe.add(candidate, options, { env }), set };
        });
        const { candidate: leader } = await troupe.next("renewed");
        const isLeaders = ({ candidate }: { candidate: Candidate }) => candidate === leader;
        const before = await clocksOf(leader);
        for (const seconds of [HOUR, -HOUR, 0]) {
          for (const clock of clocks.filter(isLeaders)) clock.set(seconds);
          await troupe.next("renewed");
          for (const clock of clocks) clock.set(seconds);
          const all = now();
          await troupe.next("renewed", (_, { at }) => at > all + TTL);
        }
        for (const clock of clocks) clock.set(HOUR);
        // The clock was set indeed: an hour, and the seconds that this test takes.
        const after = await clocksOf(leader);
        expect(after.wall - before.wall).toBeGreaterThan(HOUR * 1000);
        expect(after.monotonic - before.monotonic).toBeLessThan(HOUR * 1000);
        expect(troupe.candidates.map((candidate) => candidate.count("deposed"))).toEqual([0, 0, 0]);
        expect(leader.count("elected")).toBe(1);
        troupe.expectSound();
      },
      60_000,
    );
  });
}

/**
 * A leader whose clock has the rate loses its connection; how long the next one led before it had
 * stopped believing, at the worst.
 */
async function overlapAt(rate: number, rounds: number, options: object): Promise<number> {
  const proxy = await startProxy(redis.port);
  const common = {
    key: `rate-${rate}`,
    options: { ttl: TTL, ...options },
    stamps: "since-boot" as const,
  };
  const env = faketime({ FAKETIME: `+0 x${rate}` });
  const first = troupe.add("wrong", { ...common, store: { port: proxy.port } }, { env });
  await troupe.next("renewed");
  const second = troupe.add("right", { ...common, store: { port: redis.port } });
  await troupe.next("started", isFrom(second));
  let worst = Number.NEGATIVE_INFINITY;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const deposed = troupe.next("deposed", isFrom(first));
      const elected = troupe.next("elected", isFrom(second));
      proxy.mode = "swallow";
      const [{ message: loss }, { message: gain }] = await Promise.all([deposed, elected]);
      worst = Math.max(worst, lastBelief(first, loss) - gain.at);
      proxy.mode = "pass";
      proxy.cut();
      const back = troupe.next("renewed", isFrom(first), 20_000);
      second.signal("SIGSTOP");
      await back;
      second.signal("SIGCONT");
    }
  } finally {
    await proxy.close();
  }
  process.stdout.write(
    `  rate ${rate}: ${rounds} rounds, closest ${(-worst).toFixed(0)} ms apart\n`,
  );
  return worst;
}

/** When it last said that it leads, before it was told of its loss. */
function lastBelief({ messages }: Candidate, loss: Message): number {
  const looks = messages.filter(({ type, leads, at }) => type === "look" && leads && at <= loss.at);
  return looks.at(-1)?.at ?? loss.at;
}

export function coveredRates(rounds: number): void {
  describe("a clock that runs at another rate", () => {
    test.each([0.9, 1.1])(
      `of %d, within the drift factor, makes no two leaders, ${rounds} of ${rounds}`,
      async (rate) => {
        expect(await overlapAt(rate, rounds, { driftFactor: 0.15 })).toBeLessThan(0);
        troupe.expectSound();
      },
      90_000,
    );
  });
}

export function uncoveredRates(): void {
  describe("a clock that runs at another rate", () => {
    test("of 0.75, which no drift factor covers, is seen to make two", async () => {
      expect(await overlapAt(0.75, 2, { driftFactor: 0.01 })).toBeGreaterThan(50);
    }, 60_000);
  });
}

const standStill: Surroundings = {
  execArgv: ["--import", new URL("stand-still.mjs", import.meta.url).href],
};

export function sleepingMachines(rounds: number): void {
  describe("a machine that sleeps", () => {
    // A machine of tests cannot be put to sleep. What the kernel does then is done to the process: it is
    // stopped, and its monotonic clock with it, while wall clock and clock since boot go on.
    test(`for 2.5 ttl leaves no process that says that it still leads, ${rounds} of ${rounds}`, async () => {
      const ttl = 500;
      const options = { store: { port: redis.port }, key: "sleeps", options: { ttl } };
      const sleeper = troupe.add("sleeper", options, standStill);
      await troupe.next("renewed");
      const other = troupe.add("other", options);
      await troupe.next("started", isFrom(other));
      for (let round = 0; round < rounds; round += 1) {
        const before = await clocksOf(sleeper);
        const elected = troupe.next("elected", isFrom(other));
        const deposed = troupe.next("deposed", isFrom(sleeper));
        sleeper.signal("SIGSTOP");
        await Promise.all([elected, sleep(2.5 * ttl)]);
        const woken = now();
        const looked = troupe.next(
          "look",
          (candidate, { at }) => candidate === sleeper && at > woken,
        );
        sleeper.signal("SIGCONT");
        expect((await looked).message.leads).toBe(false);
        await deposed;
        const after = await clocksOf(sleeper);
        expect(after.wall - before.wall).toBeGreaterThan(2.4 * ttl);
        expect(after.monotonic - before.monotonic).toBeLessThan(ttl);
        const back = troupe.next("renewed", isFrom(sleeper));
        other.signal("SIGSTOP");
        await back;
        other.signal("SIGCONT");
        await troupe.next("look", isFrom(other));
      }
      troupe.expectSound();
    }, 90_000);
  });
}

export function sleptMachines(): void {
  describe("a machine that sleeps", () => {
    const isPermitted = spawnSync("unshare", ["-T", "--boottime", "1000", "true"]).status === 0;
    const unless = isPermitted ? "" : " (NOT CHECKED: this machine permits no time namespaces)";

    // In a namespace only what counts suspend moves, and only before a process begins.
    test(`may have slept for a day before: only what it sleeps from now on counts${unless}`, async () => {
      if (!isPermitted) {
        process.stdout.write("  not checked: this machine permits no time namespaces\n");
        return;
      }
      const { env, set } = settableClock("one");
      const under = ["unshare", "-T", "--boottime", "86400", "--kill-child"];
      const store = { port: redis.port };
      const options = { store, key: "slept", options: { ttl: LONG_TTL } };
      const leader = troupe.add("one", options, { env, under });
      await troupe.next("renewed");
      troupe.add("two", options);
      // A process that sees the wall clock jump asks the clock since boot, which is a day ahead.
      set(HOUR);
      const jumped = now();
      await troupe.next("renewed", (_, { at }) => at > jumped + LONG_TTL);
      expect(leader.count("deposed")).toBe(0);
      expect(leader.count("elected")).toBe(1);
      troupe.expectSound();
    });
  });
}
