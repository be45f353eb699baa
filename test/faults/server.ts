import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { type Candidate, LONG_TTL, now, Troupe } from "./troupe.ts";

const TTL = 1000;
/** For a busy machine. That no terms overlap is held without it. */
const SLACK = 500;
/** Restarts, of which the sitting leader outlives at least one also on a busy machine. */
const ENOUGH = 20;

let redis: RedisServer;
let troupe: Troupe;

beforeEach(async () => {
  redis = await startRedis();
  troupe = new Troupe();
});
afterEach(async () => {
  await troupe.disperse();
  await redis.stop();
});

function enlist(client: string = "url", ttl = TTL): void {
  for (const name of ["one", "two", "three"]) {
    troupe.add(name, { store: { port: redis.port, client }, options: { ttl } });
  }
}

async function leaderRenews(): Promise<Candidate> {
  const { candidate } = await troupe.next("renewed");
  return candidate;
}

/** No process ended. */
function expectAllRunning(): void {
  expect(troupe.candidates.filter(({ isRunning }) => !isRunning)).toEqual([]);
}

export function frozenServers(clients: readonly string[]): void {
  describe("Redis is frozen for 3 ttl", () => {
    test.each(clients)(
      "%s: the leader steps down in time, and one leads soon after the thaw",
      async (client) => {
        enlist(client);
        const leader = await leaderRenews();
        const deposed = troupe.next("deposed", (candidate) => candidate === leader);
        redis.pause();
        const frozen = now();
        const { message } = await deposed;
        expect(message.at - frozen).toBeLessThan(TTL + SLACK);
        expect(message.reason).toBe("store-lost");
        await sleep(Math.max(0, frozen + 3 * TTL - now()));
        const elected = troupe.next("elected");
        redis.resume();
        const thawed = now();
        const { message: gain } = await elected;
        process.stdout.write(
          `  ${client}: a leader ${(gain.at - thawed).toFixed(0)} ms after the thaw\n`,
        );
        expect(gain.at - thawed).toBeLessThan(TTL + SLACK);
        expectAllRunning();
        troupe.expectSound();
      },
    );
  });
}

export function emptyRestarts(rounds: number): void {
  describe("Redis is killed and back, empty, after 150 ms", () => {
    test(`no terms overlap, ${rounds} of ${rounds}, tokens grow, and the sitting leader mostly stays`, async () => {
      enlist("url", 600);
      await leaderRenews();
      let kept = 0;
      for (let round = 0; round < rounds || (kept === 0 && round < ENOUGH); round += 1) {
        const terms = () => troupe.candidates.reduce((sum, { beliefs }) => sum + beliefs.length, 0);
        const before = terms();
        await redis.kill();
        await sleep(150);
        await redis.start();
        const back = now();
        // Either the leader renews on the new server, or another is elected after the quarantine.
        await troupe.next("renewed", (_, { at }) => at > back);
        if (terms() === before) kept += 1;
        // Beyond the quarantine, so that each round begins with a server that is trusted again.
        await sleep(700);
      }
      process.stdout.write(`  the sitting leader stayed in ${kept} of ${rounds} restarts\n`);
      expect(kept).toBeGreaterThan(0);
      expectAllRunning();
      troupe.expectSound();
    }, 90_000);
  });
}

export function deathsOfBoth(): void {
  describe("Redis is killed and back, empty, after 150 ms", () => {
    test("a leader that died with it is succeeded after the quarantine", async () => {
      enlist();
      const leader = await leaderRenews();
      const elected = troupe.next("elected", (candidate) => candidate !== leader);
      leader.signal("SIGKILL");
      await redis.kill();
      await redis.start();
      const back = now();
      const { message } = await elected;
      expect(message.at - back).toBeGreaterThan(TTL * 0.8);
      expect(message.at - back).toBeLessThan(TTL * 2.5);
      troupe.expectSound();
    });
  });
}

export function commandsByHand(): void {
  describe("an operator at the console", () => {
    test("FLUSHALL: the sitting leader stays, and no terms overlap", async () => {
      enlist("url", LONG_TTL);
      const leader = await leaderRenews();
      await redis.command("FLUSHALL");
      const flushed = now();
      await troupe.next(
        "renewed",
        (candidate, { at }) => candidate === leader && at > flushed + LONG_TTL,
      );
      expect(leader.count("deposed")).toBe(0);
      troupe.expectSound();
    });

    test("SCRIPT FLUSH: nothing is noticed", async () => {
      enlist("url", LONG_TTL);
      const leader = await leaderRenews();
      await redis.command("SCRIPT", "FLUSH");
      const flushed = now();
      await troupe.next("renewed", (candidate, { at }) => candidate === leader && at > flushed);
      expect(
        troupe.candidates.reduce((sum, candidate) => sum + candidate.count("store-error"), 0),
      ).toBe(0);
      troupe.expectSound();
    });

    test("a wrong type at the key: a clear event, few requests, nothing overwritten, and it heals", async () => {
      await redis.command("RPUSH", "job", "mine");
      enlist();
      await troupe.next("store-error", (_, { code }) => code === "INCUMBENT_KEY_OCCUPIED");
      await sleep(2 * TTL);
      const [some] = troupe.candidates;
      // Retried, but less and less often: at the latest every renewal interval of 300 ms.
      expect(some?.count("store-error")).toBeLessThan(20);
      expect(await redis.command("LRANGE", "job", "0", "-1")).toBe("mine");
      const elected = troupe.next("elected");
      await redis.command("DEL", "job");
      await elected;
      troupe.expectSound();
    });

    test("READONLY and OOM: clear events, and a leader again when it is over", async () => {
      enlist();
      const leader = await leaderRenews();
      const readonly = troupe.next(
        "store-error",
        (_, { code }) => code === "INCUMBENT_STORE_REFUSED",
      );
      // A replica without a primary: it answers reads and refuses writes.
      await redis.command("REPLICAOF", "127.0.0.1", "1");
      const { message } = await readonly;
      expect(message.message).toContain("READONLY");
      await troupe.next("deposed", (candidate) => candidate === leader);
      const elected = troupe.next("elected");
      await redis.command("REPLICAOF", "NO", "ONE");
      await elected;
      const second = await leaderRenews();
      await redis.command("CONFIG", "SET", "maxmemory", "1mb");
      const full = now();
      const oom = troupe.next("store-error", (_, fault) => (fault.message ?? "").includes("OOM"));
      await troupe.next("renewed", (candidate, { at }) => candidate === second && at > full);
      second.tell("resign");
      await oom;
      const again = troupe.next("elected");
      await redis.command("CONFIG", "SET", "maxmemory", "0");
      await again;
      expectAllRunning();
      troupe.expectSound();
    });
  });
}

export function equalIdentities(): void {
  describe("identity", () => {
    test("two processes with the same nodeId have one leader", async () => {
      for (const name of ["first", "second"]) {
        const options = { ttl: LONG_TTL, nodeId: "the-same" };
        troupe.add(name, { store: { port: redis.port }, options });
      }
      const { candidate: leader } = await troupe.next("elected");
      const other = troupe.candidates.find((candidate) => candidate !== leader);
      for (let renewals = 0; renewals < 3; renewals += 1) await leaderRenews();
      expect(other?.count("elected")).toBe(0);
      const elected = troupe.next("elected", (candidate) => candidate === other);
      leader.tell("resign");
      await elected;
      troupe.expectSound();
    });
  });
}
