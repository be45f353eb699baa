import { kill } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type PostgresServer, startPostgres, startStandby } from "../../support/postgres-server.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { drawDuration, type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";
import type { Stage } from "../stage.ts";

const OTHERS =
  "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
/** Half a minute: recovery takes less than a second. */
const MOST_LOOKS = 600;
/** A crash loses what the store does not ask it to keep. */
const SETTINGS = ["synchronous_commit=off", "max_connections=30"];
const TABLES = "incumbent_elections, incumbent_elections_fences";

class PostgresServers extends SingleServer<PostgresServer> {
  address(client: string, port: number | undefined): object {
    return { kind: "postgres", client, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
  }

  /** The process that serves one of the candidates, chosen by `place` (0 to 1); none if there is none. */
  async backend(place: number): Promise<number | undefined> {
    const rows = await this.server.query(`SELECT pid ${OTHERS} ORDER BY pid`);
    const { pid } = rows[Math.floor(place * rows.length)] ?? {};
    return typeof pid === "number" ? pid : undefined;
  }

  /** Another program has a transaction open in which it has done this. */
  async meddle(statement: string, duration: number): Promise<void> {
    const stranger = new pg.Client({ connectionString: this.server.url });
    stranger.on("error", () => {});
    await stranger.connect();
    try {
      await stranger.query(`BEGIN; ${statement}`);
      await sleep(duration);
    } finally {
      await stranger.end();
    }
  }

  /** Other programs have every connection that it allows. */
  async crowd(duration: number): Promise<void> {
    const strangers: pg.Client[] = [];
    await this.server.query(`SELECT pg_terminate_backend(pid) ${OTHERS}`);
    try {
      for (;;) {
        const stranger = new pg.Client({ connectionString: this.server.url });
        stranger.on("error", () => {});
        await stranger.connect();
        strangers.push(stranger);
      }
    } catch {
      await sleep(duration);
    }
    await Promise.all(strangers.map((stranger) => stranger.end()));
  }

  /** The primary is gone for good, and a standby takes over with what it heard until so many ms before. */
  async promote(behind: number): Promise<void> {
    const primary = this.server;
    const link = await startProxy(primary.port);
    try {
      const url = `postgres://postgres@127.0.0.1:${link.port}/postgres`;
      const standby = await startStandby(primary, { url, settings: SETTINGS });
      await until("the standby follows", () => follows(primary));
      link.mode = "swallow";
      await sleep(behind);
      await primary.kill();
      await standby.query("SELECT pg_promote()");
      this.server = standby;
    } finally {
      await link.close();
      await primary.stop();
    }
  }

  /** Until it has recovered from the death of a process. */
  async recovered(): Promise<void> {
    await until("it has recovered", () => this.server.query("SELECT 1").then(Boolean, () => false));
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await isSo()); looks += 1) {
    if (looks === MOST_LOOKS) throw new Error(`PostgreSQL: ${what} was waited for in vain`);
    await sleep(50);
  }
}

/** Whether a standby has heard of nearly all that was written; more is written all the time. */
async function follows(primary: PostgresServer): Promise<boolean> {
  const lag = "pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS lag FROM pg_stat_replication";
  const [standby] = await primary.query(`SELECT ${lag} WHERE state = 'streaming'`);
  return standby !== undefined && Number(standby["lag"]) < 100_000;
}

const server = faultsOf(PostgresServers);

/** One statement of an administrator. */
function statement(name: string, text: string): Fault {
  return server(
    name,
    () =>
      ({ server: own }) =>
        own.query(text),
  );
}

const serverFaults: readonly Fault[] = [
  statement("pg_terminate_backend, all", `SELECT pg_terminate_backend(pid) ${OTHERS}`),
  server("pg_terminate_backend, one", (chance) => {
    const place = chance.fraction();
    return async (servers) => {
      const backend = await servers.backend(place);
      await servers.server.query("SELECT pg_terminate_backend($1)", [backend]);
    };
  }),
  statement("pg_cancel_backend, all", `SELECT pg_cancel_backend(pid) ${OTHERS}`),
  server("a backend killed, and all with it", (chance) => {
    const place = chance.fraction();
    return async (servers) => {
      const backend = await servers.backend(place);
      if (backend === undefined) return;
      kill(backend, "SIGKILL");
      await servers.recovered();
    };
  }),
  server("rows locked by another program", (chance) => {
    const duration = drawDuration(chance);
    const table = chance.pick(["incumbent_elections", "incumbent_elections_fences"]);
    return (servers) => servers.meddle(`SELECT FROM ${table} FOR UPDATE`, duration);
  }),
  server("tables locked by another program", (chance) => {
    const duration = drawDuration(chance);
    return (servers) => servers.meddle(`LOCK TABLE ${TABLES}`, duration);
  }),
  server("no connection left", (chance) => {
    const duration = drawDuration(chance);
    return (servers) => servers.crowd(duration);
  }),
  server("read-only", (chance) => {
    const duration = drawDuration(chance);
    const setting = "default_transaction_read_only";
    return async ({ server: own }) => {
      await own.query(`ALTER SYSTEM SET ${setting} = on`);
      await own.query("SELECT pg_reload_conf()");
      await sleep(duration);
      await own.query(`ALTER SYSTEM RESET ${setting}`);
      await own.query("SELECT pg_reload_conf()");
    };
  }),
  server("promotion of a standby", () => (servers, stage) => promote(servers, stage, 0)),
  server("promotion of a standby that is behind", (chance) => {
    const behind = chance.between(20, 700);
    return (servers, stage) => promote(servers, stage, behind);
  }),
  statement("TRUNCATE", `TRUNCATE ${TABLES}`),
  statement("VACUUM FULL", "VACUUM FULL incumbent_elections"),
];

async function promote(servers: PostgresServers, stage: Stage, behind: number): Promise<void> {
  await servers.promote(behind);
  stage.moveTo(servers.port);
}

/** A URL and every client, as users have them. */
export const postgres: ChaosStore = {
  clients: ["url", "pool", "client", "sql", "pool"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  start: async () => new PostgresServers(await startPostgres(SETTINGS)),
};
