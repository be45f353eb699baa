import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { randomOf } from "../chaos/random.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { Arena } from "./arena.ts";
import { Trouble } from "./trouble.ts";
import { LONG_TTL, printFigures } from "./troupe.ts";

const TTL = 1000;
export const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

type WhenFinished = (close: () => Promise<void>) => void;

async function openArena(onTestFinished: WhenFinished, ttl = TTL): Promise<Arena> {
  const arena = await Arena.open(ttl);
  onTestFinished(() => arena.close());
  return arena;
}

/** In elections at the same time, one for each seed: most of it is waiting. */
export function faultyServers(faults: number, seeds: readonly number[]): void {
  describe("five servers, of which any two are killed, frozen or wiped, and candidates cut off", () => {
    test.concurrent.for(seeds)(
      `${faults} faults (seed %i): no two leaders, tokens grow, and there is a leader again`,
      { timeout: 200_000 },
      async (seed, { onTestFinished }) => {
        const arena = await openArena(onTestFinished);
        const { troupe, servers, links } = arena;
        for (const name of ["one", "two", "three"]) await arena.enlist(name);
        await troupe.next("renewed");
        const random = randomOf(seed);
        const trouble = new Trouble(random, servers, links, TTL);
        for (let told = 0; trouble.faults < faults || !trouble.hasDoneEverything; ) {
          await trouble.next();
          await sleep(50 + random.fraction() * 0.7 * TTL);
          if (trouble.faults < told + 20) continue;
          told = trouble.faults;
          process.stderr.write(`  seed ${seed}: ${told} of ${faults} faults\n`);
        }
        await trouble.end();
        await troupe.next("renewed");
        const gaps = arena.vacancies();
        const counts = [...trouble.counts].map(([what, times]) => `${times} ${what}`).join(", ");
        process.stdout.write(`  seed ${seed}: ${counts}; ${gaps.length + 1} terms\n`);
        printFigures("there was no leader for", gaps);
        expect(troupe.candidates.filter(({ isRunning }) => !isRunning)).toEqual([]);
        troupe.expectSound();
        // The lease's end, and a few attempts on a busy machine.
        expect(Math.max(0, ...gaps), troupe.describe()).toBeLessThan(4 * TTL);
      },
    );
  });
}

export function halfOfTheServers(): void {
  describe("two of five servers are killed or frozen at once", () => {
    const blows: readonly (readonly [what: string, blow: (server: RedisServer) => unknown])[] = [
      ["killed", (server) => server.kill()],
      ["frozen", (server) => server.pause()],
    ];

    test.for(blows)(
      "%s: the leader stays, and loses no renewal over it",
      async ([, blow], { onTestFinished }) => {
        const arena = await openArena(onTestFinished, LONG_TTL);
        const { troupe, servers } = arena;
        const leader = await arena.enlist("leader");
        await troupe.next("renewed");
        // From now on all five have its lease.
        await troupe.next("renewed");
        const errors = leader.count("store-error");
        await Promise.all([servers[1], servers[3]].map((server) => server && blow(server)));
        for (let renewals = 0; renewals < 3; renewals += 1) await troupe.next("renewed");
        expect(leader.count("deposed"), troupe.describe()).toBe(0);
        expect(leader.count("store-error"), troupe.describe()).toBe(errors);
      },
    );
  });
}
