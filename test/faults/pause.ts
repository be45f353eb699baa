import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { type Candidate, now, Troupe } from "./troupe.ts";

const TTL = 500;

/** How long a first look is waited for, in ms. */
const PATIENCE = 10_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** Does something to the leader, so many times, and answers with what each first look said. */
async function firstLooks(
  key: string,
  rounds: number,
  disturb: (leader: Candidate) => Promise<number>,
): Promise<boolean[]> {
  const troupe = new Troupe();
  const looks: boolean[] = [];
  try {
    for (let index = 0; index < 3; index += 1) {
      troupe.add(`c${index}`, { store: { port: redis.port }, key, options: { ttl: TTL } });
    }
    let leader = await troupe.leader();
    while (looks.length < rounds) {
      const look = await firstLook(troupe, leader, disturb);
      if (look !== undefined) looks.push(look);
      // A candidate that did not lead any more when it was disturbed may be the next leader.
      leader = await troupe.leader(look === undefined ? undefined : leader);
    }
    // The token of each successor is larger, and no two believed at once.
    troupe.expectSound();
    return looks;
  } finally {
    await troupe.disperse();
  }
}

/**
 * What the first look says after the disturbance. `undefined` if the leader had lost its lease before, as on a busy
 * machine: such a candidate reports no look. It may have seen that it does not lead before it was deposed.
 */
async function firstLook(
  troupe: Troupe,
  leader: Candidate,
  disturb: (leader: Candidate) => Promise<number>,
): Promise<boolean | undefined> {
  let back = Number.POSITIVE_INFINITY;
  const seen = new Promise<boolean | undefined>((resolve, reject) => {
    const missing = () => {
      stop();
      reject(new Error(`no look of ${leader.name} within ${PATIENCE} ms\n${troupe.describe()}`));
    };
    const timer = setTimeout(missing, PATIENCE);
    const stop = leader.onMessage(({ type, at, leads }) => {
      const lostBefore = at < back && (type === "deposed" || leads === false);
      if (!lostBefore && (type !== "look" || at < back)) return;
      clearTimeout(timer);
      stop();
      resolve(lostBefore ? undefined : leads);
    });
  });
  back = await disturb(leader);
  return seen;
}

export function stoppedLeaders(rounds: number): void {
  describe("a leader that is stopped for 2.5 ttl and continued", () => {
    test(`says at its very first look that it does not lead, ${rounds} of ${rounds}, and no terms overlap`, async () => {
      const looks = await firstLooks("paused", rounds, async (leader) => {
        leader.signal("SIGSTOP");
        await sleep(2.5 * TTL);
        const back = now();
        leader.signal("SIGCONT");
        return back;
      });
      process.stdout.write(
        `  first look after SIGSTOP: ${looks.filter((look) => look === false).length} of ${rounds} said "not leader"\n`,
      );
      expect(looks).toEqual(Array.from({ length: rounds }, () => false));
    }, 90_000);
  });
}

export function blockedLeaders(rounds: number): void {
  describe("a leader whose event loop is blocked for 1.5 ttl", () => {
    test(`says at its very first look that it does not lead, ${rounds} of ${rounds}, and no terms overlap`, async () => {
      const looks = await firstLooks("blocked", rounds, async (leader) => {
        const begun = now();
        leader.tell("block", { ms: 1.5 * TTL });
        return begun + 1.5 * TTL;
      });
      process.stdout.write(
        `  first look after a blocked loop: ${looks.filter((look) => look === false).length} of ${rounds} said "not leader"\n`,
      );
      expect(looks).toEqual(Array.from({ length: rounds }, () => false));
    }, 90_000);
  });
}

export function blockedCallbacks(): void {
  describe("a leader whose event loop is blocked for 1.5 ttl", () => {
    test("inside its own gain callback is succeeded, and no callback gets stale news", async () => {
      const troupe = new Troupe();
      try {
        const store = { port: redis.port };
        const common = { store, key: "callback", options: { ttl: TTL } };
        troupe.add("blocks", { ...common, blockInCallback: 3 * TTL });
        await troupe.next("started");
        troupe.add("follows", common);
        await troupe.next("elected", ({ name }) => name === "follows");
        await troupe.next("deposed", ({ name }) => name === "blocks");
        troupe.expectSound();
      } finally {
        await troupe.disperse();
      }
    });
  });
}
