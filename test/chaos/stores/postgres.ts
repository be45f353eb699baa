import { kill } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { drawDuration, type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";

const OTHERS =
  "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
/** Half a minute: recovery takes less than a second. */
const MOST_LOOKS = 600;
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

  /** Until it has recovered from the death of a process. */
  async recovered(): Promise<void> {
    const isBack = () => this.server.query("SELECT 1").then(Boolean, () => false);
    for (let looks = 0; !(await isBack()); looks += 1) {
      if (looks === MOST_LOOKS) throw new Error("PostgreSQL has not recovered");
      await sleep(50);
    }
  }
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
  statement("TRUNCATE", `TRUNCATE ${TABLES}`),
  statement("VACUUM FULL", "VACUUM FULL incumbent_elections"),
];

/** A URL and every client, as users have them. */
export const postgres: ChaosStore = {
  clients: ["url", "pool", "client", "sql", "pool"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  // A crash loses what the store does not ask it to keep.
  start: async () =>
    new PostgresServers(await startPostgres(["synchronous_commit=off", "max_connections=30"])),
};
