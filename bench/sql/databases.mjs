import { createConnection } from "mysql2/promise";
import pg from "pg";
import { MysqlStore } from "../../dist/mysql.js";
import { PostgresStore } from "../../dist/postgres.js";
import { startMariadb } from "../../test/support/mariadb-server.ts";
import { startPostgres } from "../../test/support/postgres-server.ts";
import { byAdvisoryLock } from "./ways/advisory-lock.mjs";
import { byHandOnMariadb } from "./ways/by-hand-on-mariadb.mjs";
import { byHandOnPostgres } from "./ways/by-hand-on-postgres.mjs";
import { asIncumbent } from "./ways/incumbent.mjs";
import { asRiver } from "./ways/river.mjs";

/** Opens a database with all ways to hold the elections of these keys on it. A commit waits for the disk. */
export const databases = { PostgreSQL: openPostgres, MariaDB: openMariadb };

async function openPostgres(keys) {
  const server = await startPostgres(["fsync=on", "shared_buffers=128MB"]);
  const clients = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    clients.push(client);
    return client;
  };
  const open = () => new PostgresStore(server.url);
  const [row] = await server.query("SHOW server_version");
  const incumbent = await asIncumbent(open(), keys, server.settle);
  const others = [
    await byHandOnPostgres(connect, keys),
    await byAdvisoryLock(connect),
    await asRiver(connect, keys),
  ];
  return {
    version: row.server_version.split(" ")[0],
    ...{ incumbent, others, open },
    stop: async () => {
      await incumbent.close();
      await Promise.all(clients.map((client) => client.end()));
      await server.stop();
    },
  };
}

async function openMariadb(keys) {
  const server = await startMariadb();
  const clients = [];
  const connect = async () => {
    const client = await createConnection(server.url);
    clients.push(client);
    return client;
  };
  const open = () => new MysqlStore(server.url);
  const [row] = await server.query("SELECT VERSION() AS version");
  const settle = async () => {
    await server.query("UPDATE incumbent_elections SET since = 1 WHERE `key` = ''");
    await server.query("UPDATE incumbent_elections SET waits_until = 1");
  };
  return {
    version: row.version.split("-")[0],
    incumbent: await asIncumbent(open(), keys, settle),
    others: [await byHandOnMariadb(connect, keys)],
    open,
    stop: async () => {
      await Promise.all(clients.map((client) => client.end()));
      await server.stop();
    },
  };
}
