import mariadb, { type Connection as MariadbConnection } from "mariadb";
import { createConnection as createCallbackConnection } from "mysql2";
import { type Connection, createConnection, createPool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { MysqlFence } from "../../../src/stores/mysql/mysql-fence.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import type { FencedClient } from "../../../src/stores/sql/fenced-client.ts";
import { isMariadb, startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, nonce, renewRequest } from "../../support/requests.ts";
import { heldTerm, resignedTerm } from "../../support/terms.ts";
import { settle } from "./settle.ts";

let server: MysqlServer;
let store: MysqlStore;
let other: MysqlStore;

beforeAll(async () => {
  server = await startMysql();
  await settle(server);
  [store, other] = [new MysqlStore(server.url), new MysqlStore(server.url)];
  await server.query("CREATE TABLE written (`key` VARCHAR(100))");
}, 60_000);
afterAll(async () => {
  await store.close();
  await other.close();
  await server.stop();
});

/** A leader of an election of its own, and a connection that has no transaction yet. */
async function setUp() {
  const key = `${nonce()} "é'?$1`;
  const asked = acquireRequest(key, { ttl: 60_000 });
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  const { token } = reply;
  return { key, asked, token, client: await connect(), term: heldTerm(token, { key }) };
}

async function connect(): Promise<Connection> {
  const client = await createConnection(server.url);
  client.on("error", () => {});
  onTestFinished(() => client.destroy());
  return client;
}

/** Another process is elected. */
async function succeed(key: string, asked: AcquireRequest) {
  await store.release(asked);
  expect(await other.acquire(acquireRequest(key))).toMatchObject({ granted: true });
}

/** Whether another process is elected within some milliseconds. */
async function isElectedSoon(key: string): Promise<boolean> {
  const request = acquireRequest(key, { notAfter: performance.now() + 300 });
  try {
    return (await other.acquire(request)).granted;
  } catch (error) {
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_REFUSED" });
    return false;
  }
}

const lost = { name: "LeadershipLostError", reason: "superseded" };

describe("a transaction", () => {
  test("that is fenced commits, and the leader renews meanwhile", async () => {
    const { asked, token, client, term } = await setUp();
    await client.beginTransaction();
    await store.fence(client, term);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    await client.commit();
  });

  test("lets no candidate be elected from the fence to its end, also if the lease is given back", async () => {
    const { key, asked, client, term } = await setUp();
    await client.beginTransaction();
    await store.fence(client, term);
    await store.release(asked);
    expect(await isElectedSoon(key)).toBe(false);
    await client.commit();
    await expect.poll(() => other.acquire(acquireRequest(key))).toMatchObject({ granted: true });
  });

  test.each(["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])(
    "of a leader that has a successor fails, also with a snapshot from before it (%s)",
    async (level) => {
      const { key, asked, client, term } = await setUp();
      // As it is before MariaDB 11.6, and on MySQL.
      if (isMariadb) await client.query("SET SESSION innodb_snapshot_isolation = 0");
      await client.query(`SET TRANSACTION ISOLATION LEVEL ${level}`);
      await client.beginTransaction();
      await client.query("SELECT count(*) FROM written");
      await succeed(key, asked);
      await expect(store.fence(client, term)).rejects.toMatchObject(lost);
    },
  );

  test("with a snapshot of the term commits", async () => {
    const { asked, token, client, term } = await setUp();
    await client.beginTransaction();
    await client.query("SELECT count(*) FROM written");
    await store.renew(renewRequest(asked, token));
    await store.fence(client, term);
    await store.fence(client, term);
    await client.commit();
  });

  test.runIf(isMariadb)("whose server keeps its snapshot apart is refused by name", async () => {
    const { key, asked, client, term } = await setUp();
    await client.query("SET SESSION innodb_snapshot_isolation = 1");
    await client.beginTransaction();
    await client.query("SELECT count(*) FROM written");
    await succeed(key, asked);
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_REFUSED",
      message: expect.stringContaining("after the transaction took its snapshot"),
    });
  });

  test("of an election that is not there, or of another token, fails", async () => {
    const { key, token, client } = await setUp();
    await client.beginTransaction();
    for (const term of [heldTerm(token, { key: "none" }), heldTerm(token + 1, { key })]) {
      await expect(store.fence(client, term)).rejects.toMatchObject(lost);
    }
  });

  test("of a term that this process knows to be over fails before anything is asked", async () => {
    const ask = () => Promise.reject(new Error("asked"));
    await expect(store.fence(ask, resignedTerm(7))).rejects.toMatchObject({ reason: "resigned" });
  });
});

describe("a leader that stands still in its transaction", () => {
  test("keeps others out for no longer than the idle timeout", async () => {
    const { key, asked, client, term } = await setUp();
    await client.beginTransaction();
    await store.fence(client, term, { idleTimeout: 1 });
    await client.query("INSERT INTO written VALUES (?)", [key]);
    await store.release(asked);
    const elected = async () => isElectedSoon(key);
    await expect.poll(elected).toBe(true);
    await expect(client.commit()).rejects.toThrow();
    expect(
      await server.query(`SELECT * FROM written WHERE \`key\` LIKE '${key.slice(0, 32)}%'`),
    ).toEqual([]);
  });

  test.runIf(isMariadb).each([
    [undefined, "5"],
    [1200, "2"],
    [60_000, "7"],
  ])(
    "has a limit in whole seconds, unless a shorter one is set (%s)",
    async (idleTimeout, limit) => {
      const { client, term } = await setUp();
      await client.query(
        `SET SESSION idle_transaction_timeout = ${idleTimeout === 60_000 ? 7 : 0}`,
      );
      await client.beginTransaction();
      await store.fence(client, term, { idleTimeout });
      const [rows] = await client.query(
        "SELECT CAST(@@idle_transaction_timeout AS CHAR) AS seconds",
      );
      expect(rows).toEqual([{ seconds: limit }]);
      await client.commit();
    },
  );

  test.each([
    [undefined, []],
    [
      1200,
      [
        "SET SESSION wait_timeout = CAST(IF(@@SESSION.wait_timeout BETWEEN 1 AND 2, @@SESSION.wait_timeout, 2) AS UNSIGNED)",
      ],
    ],
  ])("on MySQL has no limit but one that is asked for (%s)", async (idleTimeout, statements) => {
    const sent: string[] = [];
    const session = {
      query: async () => [["8.4.3", "1"]],
      run: async (sql: string) => void sent.push(sql),
    };
    const fence = new MysqlFence({ elections: "e", fences: "f", made: "m" });
    await fence.begin(session, heldTerm(1), idleTimeout);
    expect(sent).toEqual([...statements, "SAVEPOINT incumbent_fence"]);
  });
});

describe("a client", () => {
  test("without a transaction is refused", async () => {
    const { client, term } = await setUp();
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: expect.stringMatching(/^client must have a transaction open/),
    });
  });

  test("is not a pool of mysql2 or mariadb", async () => {
    const { term } = await setUp();
    const url = server.url.replace("mysql:", "mariadb:");
    for (const pool of [createPool(server.url), mariadb.createPool(url)]) {
      onTestFinished(() => pool.end());
      await expect(store.fence(pool, term)).rejects.toThrow(/^client must be one connection/);
    }
  });

  test("may be a connection of mariadb", async () => {
    const { key, asked, term } = await setUp();
    const client = await mariadb.createConnection(server.url.replace("mysql:", "mariadb:"));
    onTestFinished(() => client.destroy());
    await expect(store.fence(client, term)).rejects.toThrow("must have a transaction open");
    await client.beginTransaction();
    await store.fence(client, term);
    await client.commit();
    await succeed(key, asked);
    await client.beginTransaction();
    await expect(store.fence(client, term)).rejects.toMatchObject(lost);
  });

  test("may be a connection of mysql2 that takes callbacks, or a function", async () => {
    const { term, client } = await setUp();
    const callbacks = createCallbackConnection(server.url);
    onTestFinished(() => callbacks.destroy());
    await callbacks.promise().beginTransaction();
    await store.fence(callbacks, term);
    await client.beginTransaction();
    await store.fence(async (sql) => (await client.query(sql))[0], term);
  });

  const shout = (field: { string(): string | null }) => `${field.string()}!`;
  const strange = { rowsAsArray: true, nestTables: true, typeCast: shout };

  test.each([
    ["mysql2", () => createConnection({ uri: server.url, ...strange })],
    [
      "mariadb",
      () => {
        const { port } = server;
        const options = { host: "127.0.0.1", port, user: "root", database: "elections" };
        return mariadb.createConnection({ ...options, ...strange });
      },
    ],
  ] as [string, () => Promise<Connection | MariadbConnection>][])(
    "of %s may make of values and rows what it likes",
    async (_, open) => {
      const { key, asked, term } = await setUp();
      const client = await open();
      onTestFinished(() => void client.destroy());
      await client.beginTransaction();
      await store.fence(client, term);
      await client.commit();
      await succeed(key, asked);
      await client.beginTransaction();
      await expect(store.fence(client, term)).rejects.toMatchObject(lost);
      await client.rollback();
      await expect(store.fence(client, term)).rejects.toThrow("must have a transaction open");
    },
  );

  test("that is a function must pass texts on, and may have rows as arrays", async () => {
    const { client, term } = await setUp();
    await client.beginTransaction();
    await store.fence((sql) => client.query({ sql, rowsAsArray: true }), term);
    const changing: FencedClient = (sql) => client.query({ sql, typeCast: shout });
    await expect(store.fence(changing, term)).rejects.toThrow(
      `a parser, a transformation or an ORM has changed "${term.token}"; got "${term.token}!"`,
    );
  });

  test.runIf(isMariadb)(
    "of a transaction of XA is refused on MariaDB, which would free the lock",
    async () => {
      const { client, term } = await setUp();
      await client.query("XA START 'x'");
      const refused = expect(store.fence(client, term)).rejects;
      await refused.toThrow("must not have a transaction of XA open");
      await client.query("XA END 'x'");
      await client.query("XA ROLLBACK 'x'");
      await client.beginTransaction();
      await store.fence(client, term);
    },
  );

  test.runIf(isMariadb)("keeps its own limit for idle transactions if it is refused", async () => {
    const { client, term } = await setUp();
    const limit = "SELECT CAST(@@idle_transaction_timeout AS CHAR) AS seconds";
    await expect(store.fence(client, term)).rejects.toThrow("must have a transaction open");
    expect((await client.query(limit))[0]).toEqual([{ seconds: "0" }]);
    await client.query("SET autocommit = 0");
    await store.fence(client, term);
    expect((await client.query(limit))[0]).toEqual([{ seconds: "5" }]);
  });

  test("of a database without the elections is refused", async () => {
    const { client, term } = await setUp();
    await client.query("CREATE DATABASE elsewhere");
    await client.query("USE elsewhere");
    await client.beginTransaction();
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining("connect to the database of the elections"),
    });
  });

  test("that fails passes its error on", async () => {
    const failure = new Error("gone");
    const client: FencedClient = () => Promise.reject(failure);
    await expect(store.fence(client, heldTerm(1))).rejects.toBe(failure);
  });
});
