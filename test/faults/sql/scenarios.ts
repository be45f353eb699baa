import { isMariadb } from "../../support/mysql-installed.ts";
import { settableClock } from "./clock.ts";
import { type Database, mariadb, mysql, postgres } from "./databases.ts";
import { fillDisk, smallDisk } from "./disk.ts";
import { startHaproxy } from "./haproxy.ts";
import { Pair, pause } from "./pair.ts";

/** What came of a scenario. */
export interface Outcome {
  readonly faults: number;
  readonly terms: number;
  /** How long two have led, in ms, and how long they may. */
  readonly overlap: number;
  readonly allowed: number;
  readonly areTokensGrowing: boolean;
}

const HOUR = 3600;

/** The faults by name, each so many times. */
export const scenarios: Readonly<Record<string, (rounds: number) => Promise<Outcome>>> = {
  ...faultsOf("postgres", postgres),
  ...faultsOf("mariadb", mariadb),
  ...(isMariadb ? {} : faultsOf("mysql", mysql)),
};

function faultsOf(name: string, database: Database): typeof scenarios {
  return {
    [`${name}: clock set back`]: (rounds) => setClock(rounds, database, [-1, -HOUR], 0),
    [`${name}: clock set forward`]: (rounds) => setClock(rounds, database, [1, HOUR], 1000),
    [`${name}: disk full`]: (rounds) => fullDisk(rounds, database),
    [`${name}: HAProxy leads to another database`]: (rounds) => failOver(rounds, database, true),
    [`${name}: HAProxy leads back to a database that has kept running`]: (rounds) =>
      failOver(rounds, database, false),
  };
}

/** A clock that is set forward ends leases early: two may lead for as long as the old leader trusts its lease. */
async function setClock(
  rounds: number,
  database: Database,
  steps: readonly number[],
  allowed: number,
): Promise<Outcome> {
  const clock = settableClock();
  const server = await database.start(clock.env);
  const pair = new Pair(() => database.open(server.port));
  try {
    await pair.start();
    let offset = 0;
    for (let round = 0; round < rounds; round += 1) {
      offset += steps[round % steps.length] ?? 0;
      clock.set(offset);
      await pause(500);
      await pair.leads();
      await pair.resign();
      await pair.leads();
    }
    return outcomeOf(pair, rounds, allowed * rounds);
  } finally {
    await pair.stop();
    await server.stop();
    clock.remove();
  }
}

async function fullDisk(rounds: number, database: Database): Promise<Outcome> {
  const disk = smallDisk();
  const server = await database.startGreedy();
  const pair = new Pair(() => database.open(server.port));
  const grows = () => server.query(database.grow).then(Boolean, () => false);
  try {
    await pair.start();
    for (let round = 0; round < rounds; round += 1) {
      const empty = fillDisk(disk.path);
      void grows();
      await pause(2500);
      empty();
      // Without room for its log a PostgreSQL ends, and a MariaDB looks again after a minute: an administrator starts it again.
      if (!(await Promise.race([grows(), pause(1000)]))) {
        await server.kill();
        await server.start();
      }
      await pair.leads();
    }
    return outcomeOf(pair, rounds, 0);
  } finally {
    await pair.stop();
    await server.stop();
    disk.remove();
  }
}

/**
 * Each has data of its own, and knows nothing of leases on the other. One that was not started anew looks like one that
 * has seen them all: only a process that was elsewhere knows better.
 */
async function failOver(
  rounds: number,
  database: Database,
  isStartedAnew: boolean,
): Promise<Outcome> {
  const servers = [await database.start(), await database.start()] as const;
  const proxy = await startHaproxy(servers.map(({ port }) => port));
  const pair = new Pair(() => database.open(proxy.port));
  try {
    await pair.start();
    for (let round = 0; round < rounds; round += 1) {
      if (isStartedAnew) {
        await servers[1].kill();
        await servers[1].start();
        await pause(500);
      }
      await servers[0].kill();
      await pair.leads();
      await servers[0].start();
      await pause(1500);
      await pair.leads();
    }
    return outcomeOf(pair, 2 * rounds, 0);
  } finally {
    await pair.stop();
    await proxy.stop();
    for (const server of servers) await server.stop();
  }
}

function outcomeOf(pair: Pair, faults: number, allowed: number): Outcome {
  const { terms, overlap, areTokensGrowing } = pair;
  return { faults, terms, overlap, allowed, areTokensGrowing };
}
