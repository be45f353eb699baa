import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startInstalledMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { drawDuration, type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";

const TABLES = ["incumbent_elections", "incumbent_elections_fences"] as const;

class MariadbServers extends SingleServer<MysqlServer> {
  address(client: string, port: number | undefined): object {
    const url = `//root@127.0.0.1:${port}/elections`;
    if (client === "mariadb") return { kind: "mysql", url: `mariadb:${url}` };
    return { kind: "mysql", client, url: `mysql:${url}` };
  }

  /** The connections of all candidates. */
  async connections(): Promise<readonly unknown[]> {
    const rows = await this.server.query(
      "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command <> 'Daemon' ORDER BY id",
    );
    return rows.map(({ id }) => id);
  }

  async end(connections: readonly unknown[]): Promise<void> {
    // One may have ended meanwhile.
    for (const id of connections) await this.server.query(`KILL ${id}`).catch(() => {});
  }

  /** Another program has done this, and stays connected. */
  async meddle(statements: readonly string[], duration: number): Promise<void> {
    const stranger = await createConnection(this.server.url);
    try {
      for (const statement of statements) await stranger.query(statement);
      await sleep(duration);
    } finally {
      await stranger.end();
    }
  }
}

const server = faultsOf(MariadbServers);

/** Another program does this, and has undone it when its connection ends. */
function meddling(name: string, ...statements: readonly string[]): Fault {
  return server(name, (chance) => {
    const duration = drawDuration(chance);
    return (servers) => servers.meddle(statements, duration);
  });
}

const serverFaults: readonly Fault[] = [
  server("KILL, all", () => async (servers) => servers.end(await servers.connections())),
  server("KILL, one", (chance) => {
    const place = chance.fraction();
    return async (servers) => {
      const all = await servers.connections();
      const index = Math.floor(place * all.length);
      await servers.end(all.slice(index, index + 1));
    };
  }),
  meddling(
    "rows locked by another program",
    "BEGIN",
    ...TABLES.map((table) => `SELECT * FROM ${table} FOR UPDATE`),
  ),
  meddling("FLUSH TABLES WITH READ LOCK", "FLUSH TABLES WITH READ LOCK"),
  server("read-only", (chance) => {
    const duration = drawDuration(chance);
    return async ({ server: own }) => {
      await own.query("SET GLOBAL read_only = 1");
      await sleep(duration);
      await own.query("SET GLOBAL read_only = 0");
    };
  }),
  server("restart, the last second lost", (chance) => {
    const lost = chance.between(100, 1000);
    return async (servers) => {
      await servers.server.query("SET GLOBAL innodb_flush_log_at_trx_commit = 0");
      await sleep(lost);
      await servers.restart();
    };
  }),
  server("TRUNCATE", () => async ({ server: own }) => {
    for (const table of TABLES) await own.query(`TRUNCATE ${table}`);
  }),
];

/** Each client library by a URL, and what else users have. */
export const mariadb: ChaosStore = {
  clients: ["url", "mariadb", "pool", "options", "mariadb"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  start: async () => new MariadbServers(await startMariadb()),
};

/** With the program of `INCUMBENT_MYSQLD`. */
export const mysql: ChaosStore = {
  ...mariadb,
  start: async () => new MariadbServers(await startInstalledMysql()),
};
