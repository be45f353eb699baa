import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startInstalledMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";

/** What a leader's process gets to connect to its database. */
export type Address =
  | { readonly kind: "postgres" | "mysql"; readonly url: string }
  | { readonly kind: "sqlite"; readonly path: string; readonly data: string };

/** A database with elections and a table `ledger`. */
export interface LedgerDatabase {
  /** Of its server, if it has one: then a process can be cut off from it. */
  readonly port: number | undefined;
  /** How a process connects to it, through a port of a proxy if it has a server. */
  address(port: number | undefined): Address;
  /** Of all rows, in the order in which the database committed them, as it has recorded it by itself. */
  tokens(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** What the fence is shown on. */
export const databases = {
  postgres: openPostgres,
  mariadb: openMariadb,
  mysql: openMysql,
  sqlite: openSqlite,
} satisfies Readonly<Record<string, () => Promise<LedgerDatabase>>>;

export type DatabaseName = keyof typeof databases;

/** The order of commits is that of its write-ahead log, decoded. */
async function openPostgres(): Promise<LedgerDatabase> {
  const server = await startPostgres(["wal_level=logical"]);
  await server.query("CREATE TABLE ledger (token bigint)");
  await server.query("SELECT pg_create_logical_replication_slot('ledger', 'test_decoding')");
  return {
    port: server.port,
    address: (port) => ({
      kind: "postgres",
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    }),
    tokens: async () => {
      const rows =
        await server.query(`SELECT substring(data FROM 'token\\[bigint\\]:(\\d+)') AS token
        FROM pg_logical_slot_get_changes('ledger', NULL, NULL) WHERE data LIKE 'table public.ledger: INSERT%'`);
      return rows.map(({ token }) => Number(token));
    },
    stop: () => server.stop(),
  };
}

const BINARY_LOG = ["--log-bin=binlog", "--binlog-format=ROW"];

async function openMariadb(): Promise<LedgerDatabase> {
  return recorded(await startMariadb({ args: [...BINARY_LOG, "--binlog-annotate-row-events=ON"] }));
}

async function openMysql(): Promise<LedgerDatabase> {
  return recorded(
    await startInstalledMysql({ args: [...BINARY_LOG, "--binlog-rows-query-log-events=ON"] }),
  );
}

/** The order of commits is that of its binary log, in which each row is preceded by the statement. */
async function recorded(server: MysqlServer): Promise<LedgerDatabase> {
  await server.query("CREATE TABLE ledger (token bigint)");
  return {
    port: server.port,
    address: (port) => ({ kind: "mysql", url: `mysql://root@127.0.0.1:${port}/elections` }),
    tokens: async () => {
      const tokens: number[] = [];
      for (const { Log_name: log } of await server.query("SHOW BINARY LOGS")) {
        for (const { Info: text } of await server.query(`SHOW BINLOG EVENTS IN '${log}'`)) {
          const [, token] =
            /^(?:# )?INSERT INTO ledger \(token\) VALUES \((\d+)\)/.exec(String(text)) ?? [];
          if (token !== undefined) tokens.push(Number(token));
        }
      }
      return tokens;
    },
    stop: () => server.stop(),
  };
}

/** It has one writer at a time, so rows are numbered in the order of commits. */
async function openSqlite(): Promise<LedgerDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-ledger-"));
  const data = join(folder, "data.db");
  const database = new Database(data);
  database.pragma("journal_mode = WAL");
  database.exec("CREATE TABLE ledger (number INTEGER PRIMARY KEY AUTOINCREMENT, token)");
  return {
    port: undefined,
    address: () => ({ kind: "sqlite", path: join(folder, "leader.db"), data }),
    tokens: async () =>
      database.prepare("SELECT token FROM ledger ORDER BY number").pluck().all() as number[], // As inserted.
    stop: async () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
