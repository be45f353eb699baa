import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { median } from "../faults/troupe.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { Crowds, decisionsOf, processOf, type Said } from "./crowd.ts";

const TTL = 3000;
const PROCESSES = 10;
const EACH = 100;
const CANDIDATES = PROCESSES * EACH;

let redis: RedisServer;
let crowds: Crowds;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  crowds = new Crowds();
});
afterEach(() => crowds.disperse());

/** Ten processes of a hundred electors, until one of them leads. */
async function gather(): Promise<void> {
  const options = { store: { port: redis.port }, key: "crowd", count: EACH, options: { ttl: TTL } };
  const elected = crowds.next("elected");
  for (let index = 0; index < PROCESSES; index += 1) {
    const started = crowds.next("started");
    crowds.add(`p${index}`, options);
    await started;
  }
  await elected;
}

/** Commands a second while nothing happens: no error, and no change of the leader. */
async function rateAtRest(): Promise<number> {
  for (;;) {
    const { troubles } = crowds;
    const [began, before] = [performance.now(), await decisionsOf(redis)];
    await sleep(3 * TTL);
    const rate = (1000 * ((await decisionsOf(redis)) - before)) / (performance.now() - began);
    if (crowds.troubles === troubles) return rate;
  }
}

/**
 * Ends the term of whoever leads, which its process knows best, and waits until another has renewed: on a
 * busy machine that need not be the one that was elected first.
 */
async function succeed(leader: Said, end: (name: string) => void) {
  const before = await decisionsOf(redis);
  const elected = crowds.next("elected");
  end(processOf(leader));
  const { at } = await elected;
  const next = await crowds.next("renewed", (said) => said.at > at);
  return { next, at, asked: (await decisionsOf(redis)) - before };
}

test("of 1000 candidates one wins each time, and they ask Redis no more often than they must", async () => {
  await gather();
  const idle = await rateAtRest();
  // Everybody asks when the lease would end that it was told of: after a ttl, or up to a renewal interval
  // sooner.
  expect(idle).toBeLessThan((1.1 * 1000 * CANDIDATES) / (0.7 * TTL));

  let leader = await crowds.next("renewed");
  const resigned: number[] = [];
  const killed: number[] = [];
  const took: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const deposed = crowds.next("deposed");
    const { next, at, asked } = await succeed(leader, (name) => crowds.tell(name, "resign"));
    took.push(at - (await deposed).at);
    resigned.push(asked);
    leader = next;
  }
  for (let round = 0; round < 3; round += 1) {
    const { next, asked } = await succeed(leader, (name) => void crowds.kill(name));
    killed.push(asked);
    leader = next;
  }
  process.stdout.write(
    `  ${CANDIDATES} candidates: ${idle.toFixed(0)} commands/s while one leads; another ${median(took).toFixed(0)} ms after a resignation; until it has renewed ${median(resigned)} commands, after a crash ${median(killed)}\n`,
  );
  // Everybody once, and what falls into the time until the first renewal.
  expect(median(resigned)).toBeLessThan(2 * CANDIDATES);
  // As above, and what falls into the time until the lease has ended.
  expect(median(killed)).toBeLessThan(3 * CANDIDATES);
  expect(crowds.judge.takeViolations()).toEqual([]);
}, 120_000);
