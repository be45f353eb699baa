import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startInstalledMysql } from "../../support/mysql-installed.ts";
import { startPostgres } from "../../support/postgres-server.ts";

/** A server with a database for elections. */
interface Server {
  readonly port: number;
  query(sql: string): Promise<unknown>;
  /** Ends it as a crash does, and waits until it has gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Databases of one kind. */
export interface Database {
  start(env?: NodeJS.ProcessEnv): Promise<Server>;
  /** One that soon needs more room on its disk. */
  startGreedy(): Promise<Server>;
  /** Has it ask for more room on its disk at once. */
  readonly grow: string;
  /** The store at this port of the loopback. */
  open(port: number): PostgresStore | MysqlStore;
}

export const postgres: Database = {
  start: (env) => startPostgres([], env),
  startGreedy: () => startPostgres(["wal_recycle=off", "max_wal_size=32MB", "min_wal_size=32MB"]),
  // A new segment of the log is what does not fit.
  grow: "SELECT pg_switch_wal()",
  open: (port) => new PostgresStore(`postgres://postgres@127.0.0.1:${port}/postgres`),
};

const open = (port: number) => new MysqlStore(`mysql://root@127.0.0.1:${port}/elections`);

export const mariadb: Database = {
  start: (env) => startMariadb(env === undefined ? {} : { env }),
  // Its other files are as large as they will be.
  startGreedy: () => startMariadb({ args: ["--log-bin"] }),
  grow: "FLUSH BINARY LOGS",
  open,
};

/** With the program of `INCUMBENT_MYSQLD`. */
export const mysql: Database = {
  start: (env) => startInstalledMysql(env === undefined ? {} : { env }),
  startGreedy: () => startInstalledMysql({ args: ["--innodb-redo-log-capacity=8M"] }),
  grow: "FLUSH BINARY LOGS",
  open,
};
