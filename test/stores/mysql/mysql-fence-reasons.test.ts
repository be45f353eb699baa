import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { isMariadb, startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, nonce } from "../../support/requests.ts";
import { heldTerm } from "../../support/terms.ts";

let server: MysqlServer;
let store: MysqlStore;

beforeAll(async () => {
  server = await startMysql();
  store = new MysqlStore(server.url, { restartGuard: false });
  await server.query(
    "CREATE TABLE written (number INT PRIMARY KEY); INSERT INTO written VALUES (1), (2)",
  );
}, 60_000);
afterAll(async () => {
  await store.close();
  await server.stop();
});

/** A term of an election that has just been held for the first time. */
async function elected(key = nonce()) {
  const reply = await store.acquire(acquireRequest(key, { ttl: 60_000 }));
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return heldTerm(reply.token, { key });
}

async function connect(url = server.url): Promise<Connection> {
  const client = await createConnection(url);
  client.on("error", () => {});
  onTestFinished(() => client.destroy());
  return client;
}

function failing(code: "REFUSED" | "MISCONFIGURED", ...parts: string[]) {
  const message = expect.stringMatching(new RegExp(parts.join(".*"), "s"));
  return { code: `INCUMBENT_STORE_${code}`, applied: "no", message };
}

test("a key that begins with a quotation mark is fenced as any other", async () => {
  const [client, term] = [await connect(), await elected('"job" of Anna')];
  await client.beginTransaction();
  await store.fence(client, term);
});

describe("a client is refused with what to do", () => {
  test("if it has no database", async () => {
    const term = await elected();
    const client = await connect(server.url.replace(/\/elections$/, "/"));
    await client.beginTransaction();
    await expect(store.fence(client, term)).rejects.toMatchObject({
      ...failing("MISCONFIGURED", "has no database", "its name as schema"),
      cause: { errno: 1046 },
    });
    await client.query("USE elections");
    await store.fence(client, term);
  });

  test("if it has locked tables", async () => {
    const [client, term] = [await connect(), await elected()];
    await client.query("SET autocommit = 0");
    await client.query("LOCK TABLES written WRITE");
    await expect(store.fence(client, term)).rejects.toMatchObject({
      ...failing("MISCONFIGURED", "LOCK TABLES is in effect", "UNLOCK TABLES"),
      cause: { errno: 1100 },
    });
    await client.query("UNLOCK TABLES");
    await client.beginTransaction();
    await store.fence(client, term);
  });
});

test("a function that prepares its statements on MySQL is advised to send texts", async () => {
  const [client, term] = [await connect(), await elected()];
  await client.beginTransaction();
  // MariaDB prepares every statement.
  const failure = Object.assign(new Error("is not supported"), { errno: 1295 });
  const execute = (sql: string) =>
    isMariadb && sql.startsWith("SAVEPOINT") ? Promise.reject(failure) : client.execute(sql);
  await expect(store.fence(execute, term)).rejects.toMatchObject({
    ...failing("MISCONFIGURED", "prepares no SAVEPOINT", "instead of execute"),
    cause: { errno: 1295 },
  });
  await store.fence((sql) => client.query(sql), term);
});

describe("a transaction has to begin again, although the term goes on,", () => {
  test("if the table of fences was altered after its snapshot", async () => {
    const [client, term] = [await connect(), await elected()];
    await client.beginTransaction();
    await client.query("SELECT count(*) FROM written");
    await server.query("ALTER TABLE incumbent_elections_fences FORCE, ALGORITHM = COPY");
    await expect(store.fence(client, term)).rejects.toMatchObject({
      ...failing("REFUSED", "was altered after", "begin another if the term goes on"),
      cause: { errno: 1412 },
    });
    await client.rollback();
    await client.beginTransaction();
    await store.fence(client, term);
  });

  test.runIf(isMariadb)(
    "if the first election of the key came after its snapshot, which is kept apart",
    async () => {
      const client = await connect();
      await client.query("SET SESSION innodb_snapshot_isolation = 1");
      await client.beginTransaction();
      await client.query("SELECT count(*) FROM written");
      const term = await elected();
      await expect(store.fence(client, term)).rejects.toMatchObject(
        failing("REFUSED", "after the transaction took its snapshot", "begin another"),
      );
    },
  );

  test("if a deadlock has rolled it back", async () => {
    const [client, rival, term] = [await connect(), await connect(), await elected()];
    const row = `SELECT 1 FROM incumbent_elections_fences WHERE \`key\` = '${term.key}' FOR UPDATE`;
    await client.beginTransaction();
    await rival.beginTransaction();
    await client.query("UPDATE written SET number = 3 WHERE number = 1");
    // InnoDB rolls back the transaction that has changed less.
    await rival.query("INSERT INTO written VALUES (11), (12), (13), (14)");
    await rival.query(row);
    const waiting = rival.query("SELECT * FROM written WHERE number = 3 FOR UPDATE");
    const fenced = store.fence(client, term);
    await expect(fenced).rejects.toMatchObject({
      ...failing("REFUSED", "a deadlock has rolled it back", "begin another"),
      cause: { errno: 1213 },
    });
    await waiting;
    await rival.rollback();
  });
});

describe("two fences at once in a transaction", () => {
  test("hold on a client", async () => {
    const [client, one, two] = [await connect(), await elected(), await elected()];
    await client.beginTransaction();
    await Promise.all([one, two, one].map((term) => store.fence(client, term)));
  });

  test("by functions are refused with how to do it", async () => {
    const [client, one, two] = [await connect(), await elected(), await elected()];
    await client.beginTransaction();
    const fence = (term: typeof one) =>
      store.fence(async (sql) => (await client.query(sql))[0], term);
    await expect(Promise.all([fence(one), fence(two)])).rejects.toThrow("one fence at a time");
    await fence(one);
    await fence(two);
  });
});
