import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { median } from "../faults/troupe.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { Crowds, decisionsOf, processOf, type Said } from "./crowd.ts";

/** How many processes are killed, each with the candidate that leads. */
const KILLS = 3;

interface Size {
  readonly processes: number;
  /** Candidates in each process. */
  readonly each: number;
  readonly ttl: number;
  readonly resignations: number;
}

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

/** Starts every candidate, and waits until one of them leads. */
async function gather({ processes, each, ttl }: Size): Promise<void> {
  const options = { store: { port: redis.port }, key: "crowd", count: each, options: { ttl } };
  const elected = crowds.next("elected");
  for (let index = 0; index < processes; index += 1) {
    const started = crowds.next("started");
    crowds.add(`p${index}`, options);
    await started;
  }
  await elected;
}

/** Commands a second while nothing happens: no error, and no change of the leader. */
async function rateAtRest(ttl: number): Promise<number> {
  for (;;) {
    const { troubles } = crowds;
    const [began, before] = [performance.now(), await decisionsOf(redis)];
    await sleep(3 * ttl);
    const rate = (1000 * ((await decisionsOf(redis)) - before)) / (performance.now() - began);
    if (crowds.troubles === troubles) return rate;
  }
}

/**
 * Ends the term of the leader, which its process knows best, and waits until another has renewed: on a
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

export function crowdedElection(size: Size): void {
  const candidates = size.processes * size.each;

  test(`of ${candidates} candidates one wins each time, and they ask Redis no more often than they must`, async () => {
    await gather(size);
    const idle = await rateAtRest(size.ttl);
    // Each candidate asks when the lease would end that it knows of: after a ttl, or up to a renewal interval
    // sooner.
    expect(idle).toBeLessThan((1.1 * 1000 * candidates) / (0.7 * size.ttl));

    let leader = await crowds.next("renewed");
    const resigned: number[] = [];
    const killed: number[] = [];
    const took: number[] = [];
    for (let round = 0; round < size.resignations; round += 1) {
      const deposed = crowds.next("deposed");
      const { next, at, asked } = await succeed(leader, (name) => crowds.tell(name, "resign"));
      took.push(at - (await deposed).at);
      resigned.push(asked);
      leader = next;
    }
    for (let round = 0; round < KILLS; round += 1) {
      const { next, asked } = await succeed(leader, (name) => void crowds.kill(name));
      killed.push(asked);
      leader = next;
    }
    process.stdout.write(
      `  ${candidates} candidates: ${idle.toFixed(0)} commands/s while one leads; another ${median(took).toFixed(0)} ms after a resignation; until it has renewed ${median(resigned)} commands, after a crash ${median(killed)}\n`,
    );
    // Each candidate once, and what falls into the time until the first renewal.
    expect(median(resigned)).toBeLessThan(2 * candidates);
    // As above, and what falls into the time until the lease has ended.
    expect(median(killed)).toBeLessThan(3 * candidates);
    expect(crowds.judge.takeViolations()).toEqual([]);
  }, 120_000);
}
