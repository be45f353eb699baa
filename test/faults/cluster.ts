import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomOf } from "../chaos/random.ts";
import { type ClusterNode, RedisCluster } from "../support/redis-cluster.ts";
import { now, printFigures, Troupe } from "./troupe.ts";

const KEY = "job";

/** How long a failover, its wait and an attempt may take on a busy machine, in ms. */
const PATIENCE = 30_000;

let cluster: RedisCluster;
let troupe: Troupe;

beforeEach(async () => {
  cluster = await RedisCluster.start();
  troupe = new Troupe();
}, 60_000);
afterEach(async () => {
  await troupe.disperse();
  await cluster.stop();
}, 60_000);

export interface Rounds {
  readonly ttl: number;
  readonly rounds: number;
}

/** Three candidates, each with another client. Returns when one of them leads. */
async function enlist(ttl: number): Promise<void> {
  for (const client of ["url", "ioredis-5", "redis"]) {
    troupe.add(client, { store: { cluster: cluster.url, client }, options: { ttl } });
  }
  await troupe.next("renewed", undefined, PATIENCE);
}

/** Waits until a candidate leads on what the slot's owner has answered since. Returns how long that took. */
async function ledAgain(): Promise<number> {
  const since = now();
  const isNew = (_: unknown, { at }: { at: number }) => at > since;
  await Promise.race([
    troupe.next("elected", isNew, PATIENCE),
    troupe.next("renewed", isNew, PATIENCE),
  ]);
  return now() - since;
}

function judge(waits: readonly number[], ttl: number): void {
  printFigures("a leader after the slot had its new owner", waits);
  const lengths = troupe.candidates.flatMap(({ beliefs }) => beliefs).length;
  process.stdout.write(`  ${lengths} terms in ${waits.length} rounds\n`);
  // A wait, one more that a candidate begins which comes late, an attempt, and a busy machine.
  expect(Math.max(...waits)).toBeLessThan(2.5 * ttl + 2000);
  expect(troupe.candidates.filter(({ isRunning }) => !isRunning)).toEqual([]);
  troupe.expectSound();
}

function inRounds(what: string, { ttl, rounds }: Rounds, round: RoundOf): void {
  const title = `${what}, ${rounds} times, ttl ${ttl}: one leader at a time, growing tokens, and soon a leader again`;
  test(title, { timeout: 60_000 + rounds * 60_000 }, async () => {
    await enlist(ttl);
    const random = randomOf(rounds);
    const waits: number[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      const former = await cluster.ownerOf(KEY);
      const mend = await round(former, number, random);
      waits.push(await ledAgain());
      await mend?.();
      if (number < rounds) await cluster.recovered();
    }
    // What is wrong may show only when the next lease would have ended.
    await sleep(ttl);
    judge(waits, ttl);
  });
}

type RoundOf = (
  former: ClusterNode,
  number: number,
  random: ReturnType<typeof randomOf>,
) => Promise<(() => Promise<void>) | undefined>;

export function killedPrimaries(rounds: Rounds): void {
  describe("a node of a cluster", () => {
    inRounds("is killed", rounds, async (former) => {
      await former.kill();
      await cluster.replaced(former, KEY);
      return () => former.start();
    });
  });
}

export function pausedPrimaries(rounds: Rounds): void {
  describe("a node of a cluster", () => {
    inRounds("is paused until it was replaced", rounds, async (former, number, random) => {
      former.pause();
      await cluster.replaced(former, KEY);
      // It goes on as soon as most of the others have another in its place, or up to a ttl later.
      if (number % 3 !== 0) await sleep(random.fraction() * rounds.ttl);
      former.resume();
      return undefined;
    });
  });
}

export function orderedFailovers(rounds: Rounds): void {
  describe("a node of a cluster", () => {
    inRounds("gives way to its replica in order", rounds, async (former) => {
      await cluster.giveWay(former, KEY);
      return undefined;
    });
  });
}

export function movedSlots(rounds: Rounds): void {
  describe("the slot of an election", () => {
    inRounds("is moved while it is renewed", rounds, async (former) => {
      const others = (await cluster.primaries()).filter((node) => node !== former);
      const [to = former] = others;
      // Renewals at either end: before the key goes, and when it has gone and the slot has not.
      await cluster.migrate(KEY, to, async () => {
        await troupe.next("renewed", undefined, PATIENCE);
      });
      return undefined;
    });
  });
}

export function nodesAllDown(ttl: number): void {
  describe("a cluster that is down since a shard of it is", () => {
    test("loses its leader, and has one again when the shard is back", {
      timeout: 120_000,
    }, async () => {
      await enlist(ttl);
      const owner = await cluster.ownerOf(KEY);
      const [other] = (await cluster.primaries()).filter((node) => node !== owner);
      if (other === undefined) throw new Error("one primary only");
      const shard = [other, ...(await cluster.replicasOf(other))];
      const lost = troupe.next("deposed", undefined, PATIENCE);
      const refused = troupe.next(
        "store-error",
        (_, { message = "" }) => message.includes("CLUSTERDOWN"),
        PATIENCE,
      );
      await Promise.all(shard.map((node) => node.kill()));
      expect((await lost).message.reason).toBe("store-lost");
      await refused;
      const elected = troupe.next("elected", undefined, PATIENCE);
      await Promise.all(shard.map((node) => node.start()));
      await elected;
      troupe.expectSound();
    });
  });
}
