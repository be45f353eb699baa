import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomOf } from "../chaos/random.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { type SentinelGroup, startSentinelGroup } from "../support/sentinel-group.ts";
import { now, printFigures, Troupe } from "./troupe.ts";

let group: SentinelGroup;
let troupe: Troupe;

beforeEach(async () => {
  group = await startSentinelGroup();
  await group.servers[0]?.settle();
  troupe = new Troupe();
}, 60_000);
afterEach(async () => {
  await troupe.disperse();
  await group.stop();
}, 60_000);

/** How long a failover, its wait and an attempt may take on a busy machine, in ms. */
const PATIENCE = 30_000;

/** Three candidates, each with another client. */
function enlist(ttl: number, storeOptions: object): void {
  for (const client of ["url", "ioredis-5", "redis"]) {
    const store = { sentinels: group.url, client, storeOptions };
    troupe.add(client, { store, options: { ttl } });
  }
}

/**
 * Waits until a candidate leads on the new primary. Returns how long that took from when it was named;
 * nothing if it was replaced as well by then, which happens on a busy machine.
 */
async function ledAgain(primary: RedisServer): Promise<number | undefined> {
  const named = now();
  const isNew = (_: unknown, { at }: { at: number }) => at > named;
  await Promise.race([
    troupe.next("elected", isNew, PATIENCE),
    troupe.next("renewed", isNew, PATIENCE),
  ]);
  const took = now() - named;
  return (await group.primary()) === primary ? took : undefined;
}

/**
 * What they believed; and that no leader took longer than a wait, an attempt that was in vain before it, and
 * slack. With `minReplicas` it takes as long as Sentinel needs to have the other replica follow.
 */
function judge(waits: readonly (number | undefined)[], { ttl, storeOptions }: Failover): void {
  const measured = waits.filter((wait) => wait !== undefined);
  printFigures("a leader after the new primary was named", measured);
  troupe.expectSound();
  if (storeOptions?.minReplicas) return;
  expect(Math.max(0, ...measured)).toBeLessThan(2.5 * ttl + 4000);
}

interface Failover {
  readonly ttl: number;
  readonly rounds: number;
  readonly storeOptions?: { readonly minReplicas?: number };
}

/** Kills the primary, so often, and starts it again as a replica. */
export function killedPrimaries(failover: Failover): void {
  const { ttl, rounds, storeOptions = {} } = failover;
  describe(`a primary that is killed, ttl ${ttl} ${JSON.stringify(storeOptions)}`, () => {
    const title = `${rounds} times: one leader at a time, growing tokens, and soon a leader again`;
    test(title, { timeout: 60_000 + rounds * 60_000 }, async () => {
      enlist(ttl, storeOptions);
      await troupe.next("renewed", undefined, PATIENCE);
      const waits: (number | undefined)[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const former = await group.primary();
        await former.kill();
        const primary = await group.replaced(former);
        waits.push(await ledAgain(primary));
        await former.start(["--replicaof", "127.0.0.1", String(primary.port)]);
        if (round < rounds) await group.followed();
      }
      judge(waits, failover);
    });
  });
}

/** Pauses the primary, so often, until it was replaced, and a little longer. */
export function pausedPrimaries(failover: Failover): void {
  const { ttl, rounds, storeOptions = {} } = failover;
  describe(`a primary that is paused, ttl ${ttl} ${JSON.stringify(storeOptions)}`, () => {
    const title = `${rounds} times: what it grants when it goes on does not count`;
    test(title, { timeout: 60_000 + rounds * 60_000 }, async () => {
      const random = randomOf(rounds);
      enlist(ttl, storeOptions);
      await troupe.next("renewed", undefined, PATIENCE);
      const waits: (number | undefined)[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const former = await group.primary();
        former.pause();
        // It goes on as soon as one Sentinel, or most of them, have another, or up to a ttl later.
        const primary = await group.replaced(former, round % 2 === 0 ? 1 : undefined);
        await sleep(round % 3 === 0 ? 0 : random.fraction() * ttl);
        former.resume();
        waits.push(await ledAgain(primary));
        // Until it is demoted, it would grant every lease that ends there.
        if (round < rounds) await group.followed();
        else await sleep(2 * ttl);
      }
      judge(waits, failover);
    });
  });
}
