import { createConnection } from "mysql2/promise";
import pg from "pg";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startInstalledMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import type { CrowdedServer } from "./crowd.ts";

/** The servers by name. */
export const servers = { postgres: openPostgres, mariadb: openMariadb, mysql: openMysql };

async function openPostgres(): Promise<CrowdedServer> {
  const server = await startPostgres(["max_connections=300"]);
  return {
    open: () => new PostgresStore(server.url),
    cut: async () => {
      await server.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
      );
    },
    restart: async () => {
      await server.kill();
      await server.start();
    },
    lock: async (key) => {
      const stranger = new pg.Client({ connectionString: server.url });
      await stranger.connect();
      await stranger.query("BEGIN");
      await stranger
        .query("SELECT FROM incumbent_elections WHERE key = $1 FOR UPDATE", [key])
        .catch(() => {});
      return () => stranger.end();
    },
    stop: () => server.stop(),
  };
}

const ROOM = { args: ["--max-connections=300"] };

async function openMariadb(): Promise<CrowdedServer> {
  return crowded(await startMariadb(ROOM));
}

async function openMysql(): Promise<CrowdedServer> {
  return crowded(await startInstalledMysql(ROOM));
}

function crowded(server: MysqlServer): CrowdedServer {
  return {
    open: () => new MysqlStore(server.url),
    cut: async () => {
      const others = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()";
      for (const { id } of await server.query(`${others} AND command <> 'Daemon'`)) {
        // It may have ended meanwhile.
        await server.query(`KILL ${id}`).catch(() => {});
      }
    },
    restart: async () => {
      await server.kill();
      await server.start();
    },
    lock: async (key) => {
      const stranger = await createConnection(server.url);
      await stranger.query("BEGIN");
      await stranger
        .query("SELECT * FROM incumbent_elections WHERE `key` = ? FOR UPDATE", [key])
        .catch(() => {});
      return () => stranger.end();
    },
    stop: () => server.stop(),
  };
}
