import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { median, now, printFigures, Troupe } from "./troupe.ts";

const TTL = 1000;
/** Reached with slack on a busy machine, and never by a candidate that looks again every 300 ms or so. */
const SOON = 100;

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.port);
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

/** When the lease ends that is at the key, on the clock that the processes share. */
async function leaseEnd(key: string): Promise<number> {
  const script =
    "local t = redis.call('TIME') return tostring(redis.call('HGET', KEYS[1], 'exp') - t[1] * 1000000 - t[2])";
  const asked = now();
  const remaining = Number(await admin.eval(script, 1, key));
  return (asked + now()) / 2 + remaining / 1000;
}

export function killedLeaders(rounds: number): void {
  describe("a leader that is killed", () => {
    test("is succeeded at the lease's end, and never before it", async () => {
      const troupe = new Troupe();
      const late: number[] = [];
      try {
        const add = (index: number) =>
          troupe.add(`c${index}`, { store: { port: redis.port }, options: { ttl: TTL } });
        for (let index = 0; index < 3; index += 1) add(index);
        for (let round = 0; round < rounds; round += 1) {
          const leader = await troupe.leader();
          const elected = troupe.next("elected", (candidate) => candidate !== leader);
          leader.signal("SIGKILL");
          await leader.exited();
          const ends = await leaseEnd("job");
          add(3 + round);
          late.push((await elected).message.at - ends);
        }
        printFigures("SIGKILL to the next leader, after the lease's end", late);
        // 1 ms: the end is read through a connection of its own.
        expect(Math.min(...late)).toBeGreaterThan(-1);
        expect(median(late)).toBeLessThan(SOON);
        troupe.expectSound();
      } finally {
        await troupe.disperse();
      }
    }, 90_000);
  });
}

export function resignedLeaders(rounds: number): void {
  describe("a leader that resigns or stops", () => {
    test("is succeeded at once, by push", async () => {
      const troupe = new Troupe();
      const took: number[] = [];
      try {
        for (let index = 0; index < 3; index += 1) {
          troupe.add(`c${index}`, {
            store: { port: redis.port },
            key: "resigns",
            options: { ttl: TTL },
          });
        }
        // A leader that resigns is elected again if there is no other candidate.
        await troupe.allStarted();
        for (let round = 0; round < rounds; round += 1) {
          const leader = await troupe.leader();
          const deposed = troupe.next("deposed", (candidate) => candidate === leader);
          const elected = troupe.next("elected", (candidate) => candidate !== leader);
          leader.tell("resign");
          const [{ message: loss }, { candidate, message }] = await Promise.all([deposed, elected]);
          took.push(message.at - loss.at);
          await troupe.next("renewed", (renewing) => renewing === candidate);
        }
        printFigures("resignation to the next leader", took);
        expect(median(took)).toBeLessThan(SOON);
        troupe.expectSound();
      } finally {
        await troupe.disperse();
      }
    }, 60_000);
  });
}

export function stoppedLeaders(): void {
  describe("a leader that resigns or stops", () => {
    test.each(["stop", "dispose"])(
      "%s() hands over at once and leaves no candidate waiting",
      async (command) => {
        const troupe = new Troupe();
        try {
          const options = {
            store: { port: redis.port },
            key: `ends-by-${command}`,
            options: { ttl: 5000 },
          };
          const first = troupe.add("first", options);
          await troupe.next("elected");
          troupe.add("second", options);
          // Refused once, and then it sleeps until it is woken.
          await troupe.next("started", ({ name }) => name === "second");
          await expect
            .poll(() => redis.command("PUBSUB", "NUMSUB", `incumbent:{ends-by-${command}}`))
            .toMatch(/2$/);
          const elected = troupe.next("elected", ({ name }) => name === "second");
          first.tell(command);
          const { message } = await elected;
          const loss = first.messages.find(({ type }) => type === "deposed");
          expect(message.at - (loss?.at ?? 0)).toBeLessThan(1000);
          troupe.expectSound();
        } finally {
          await troupe.disperse();
        }
      },
    );
  });
}

export function endedProcesses(): void {
  describe("a process that ends", () => {
    test.each([
      ["SIGTERM", (leader) => leader.signal("SIGTERM")],
      ["an uncaught exception", (leader) => leader.tell("throw")],
      ["process.exit", (leader) => leader.tell("exit")],
    ] satisfies [string, (leader: Troupe["candidates"][number]) => void][])(
      "by %s holds the lease for one ttl at the most",
      async (cause, end) => {
        const troupe = new Troupe();
        try {
          const options = { store: { port: redis.port }, key: cause, options: { ttl: TTL } };
          const first = troupe.add("first", options);
          troupe.add("second", options);
          const { candidate: leader } = await troupe.next("elected");
          const elected = troupe.next("elected", (candidate) => candidate !== leader);
          const ended = now();
          end(leader);
          const { message } = await elected;
          expect(message.at - ended).toBeLessThan(TTL + 500);
          expect(first.messages.length).toBeGreaterThan(0);
          troupe.expectSound();
        } finally {
          await troupe.disperse();
        }
      },
    );
  });
}
