import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomOf } from "../chaos/random.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { Trouble } from "./trouble.ts";
import { type Candidate, printFigures, Troupe } from "./troupe.ts";

const TTL = 1000;
const FAULTS = 200;
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let servers: RedisServer[];
let troupe: Troupe;
let links: TcpProxy[][];

beforeEach(async () => {
  servers = await Promise.all(Array.from({ length: 5 }, () => startRedis()));
  await Promise.all(servers.map((server) => server.settle()));
  troupe = new Troupe();
  links = [];
});
afterEach(async () => {
  await troupe.disperse();
  await Promise.all(links.flat().map((proxy) => proxy.close()));
  await Promise.all(servers.map((server) => server.stop()));
});

/** A candidate that reaches each server through a proxy of its own. */
async function enlist(name: string): Promise<Candidate> {
  const own = await Promise.all(servers.map(({ port }) => startProxy(port)));
  links.push(own);
  const store = { ports: own.map(({ port }) => port) };
  return troupe.add(name, { store, options: { ttl: TTL } });
}

/** For how long nobody led, each time. */
function vacancies(): number[] {
  const terms = troupe.candidates.flatMap(({ beliefs }) => beliefs).sort((a, b) => a.from - b.from);
  return terms.slice(1).map(({ from }, index) => from - (terms[index]?.until ?? from));
}

describe("five servers, of which any two are killed, frozen or wiped, and candidates cut off", () => {
  test(`${FAULTS} faults (seed ${SEED}): no two leaders, tokens grow, and the office is filled again`, async () => {
    for (const name of ["one", "two", "three"]) await enlist(name);
    await troupe.next("renewed");
    const random = randomOf(SEED);
    const trouble = new Trouble(random, servers, links, TTL);
    for (let told = 0; trouble.faults < FAULTS; ) {
      await trouble.next();
      await sleep(50 + random.fraction() * 0.7 * TTL);
      if (trouble.faults < told + 20) continue;
      told = trouble.faults;
      process.stderr.write(`  ${told} of ${FAULTS} faults\n`);
    }
    await trouble.end();
    await troupe.next("renewed");
    const gaps = vacancies();
    const counts = [...trouble.counts].map(([what, times]) => `${times} ${what}`).join(", ");
    process.stdout.write(`  seed ${SEED}: ${counts}; ${gaps.length + 1} terms\n`);
    printFigures("the office was vacant for", gaps);
    expect(troupe.candidates.filter(({ isRunning }) => !isRunning)).toEqual([]);
    troupe.expectSound();
    // The lease's end, and a few attempts on a busy machine.
    expect(Math.max(0, ...gaps), troupe.describe()).toBeLessThan(4 * TTL);
  }, 280_000);
});

describe("two of five servers are killed, frozen or cut off at once", () => {
  const blows: readonly (readonly [what: string, blow: (index: number) => unknown])[] = [
    ["killed", (index) => servers[index]?.kill()],
    ["frozen", (index) => servers[index]?.pause()],
  ];

  test.each(blows)("%s: the leader stays, and loses no renewal over it", async (_, blow) => {
    const leader = await enlist("leader");
    await troupe.next("renewed");
    // From now on all five have its lease.
    await troupe.next("renewed");
    const errors = leader.count("store-error");
    await Promise.all([1, 3].map((index) => blow(index)));
    for (let renewals = 0; renewals < 5; renewals += 1) await troupe.next("renewed");
    expect(leader.count("deposed"), troupe.describe()).toBe(0);
    expect(leader.count("store-error"), troupe.describe()).toBe(errors);
  });
});
