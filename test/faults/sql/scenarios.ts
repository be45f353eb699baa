import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { settableClock } from "./clock.ts";
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
  "postgres: clock set back": (rounds) => setClock(rounds, openPostgres, [-1, -HOUR], 0),
  "postgres: clock set forward": (rounds) => setClock(rounds, openPostgres, [1, HOUR], 1000),
  "mariadb: clock set back": (rounds) => setClock(rounds, openMariadb, [-1, -HOUR], 0),
  "mariadb: clock set forward": (rounds) => setClock(rounds, openMariadb, [1, HOUR], 1000),
  "postgres: disk full": fullDisk,
  "postgres: HAProxy leads to another database": (rounds) => failOver(rounds, true),
  "postgres: HAProxy leads back to a database that has kept running": (rounds) =>
    failOver(rounds, false),
};

async function openPostgres(env: NodeJS.ProcessEnv) {
  const server = await startPostgres([], env);
  return { open: () => new PostgresStore(server.url), stop: server.stop };
}

async function openMariadb(env: NodeJS.ProcessEnv) {
  const server = await startMariadb({ env });
  return { open: () => new MysqlStore(server.url), stop: server.stop };
}

/** A clock that is set forward ends leases early: two may lead for as long as the old leader trusts its lease. */
async function setClock(
  rounds: number,
  start: typeof openPostgres | typeof openMariadb,
  steps: readonly number[],
  allowed: number,
): Promise<Outcome> {
  const clock = settableClock();
  const server = await start(clock.env);
  const pair = new Pair(server.open);
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

async function fullDisk(rounds: number): Promise<Outcome> {
  const disk = smallDisk();
  const server = await startPostgres(["wal_recycle=off", "max_wal_size=32MB", "min_wal_size=32MB"]);
  const pair = new Pair(() => new PostgresStore(server.url));
  try {
    await pair.start();
    for (let round = 0; round < rounds; round += 1) {
      const empty = fillDisk(disk.path);
      // A new segment of the log is what does not fit.
      await server.query("SELECT pg_switch_wal()").catch(() => {});
      await pause(2500);
      empty();
      // Without room for its log a server ends, and an administrator starts it again.
      const isUp = await server.query("SELECT 1").then(Boolean, () => false);
      if (!isUp) {
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
async function failOver(rounds: number, isStartedAnew: boolean): Promise<Outcome> {
  const servers = [await startPostgres(), await startPostgres()] as const;
  const proxy = await startHaproxy(servers.map(({ port }) => port));
  const pair = new Pair(() => new PostgresStore(proxy.url));
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
