import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { FencedTerm } from "../../../src/fenced-term.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import type { FencedClient } from "../../../src/stores/sql/fenced-client.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest, nonce, renewRequest, request } from "../../support/requests.ts";
import { heldTerm, resignedTerm } from "../../support/terms.ts";

let server: PostgresServer;
let store: PostgresStore;
let other: PostgresStore;

beforeAll(async () => {
  server = await startPostgres();
  [store, other] = [new PostgresStore(server.url), new PostgresStore(server.url)];
  await store.acquire(acquireRequest("the first on this server"));
  await server.settle();
  await server.query("CREATE TABLE written (key text, token bigint)");
});
afterAll(async () => {
  await store.close();
  await other.close();
  await server.stop();
});

/** A leader of an election of its own, and a client that has no transaction yet. */
async function setUp(fields: { readonly ttl?: number } = {}) {
  const key = `${nonce()} "é'?$1`;
  const asked = acquireRequest(key, { ttl: 60_000, ...fields });
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  const client = await connect();
  const { token } = reply;
  return { key, asked, token, client, term: heldTerm(token, { key }) };
}

async function connect(url = server.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Another process is elected. */
async function succeed(key: string, asked: Parameters<PostgresStore["release"]>[0]) {
  await store.release(asked);
  const reply = await other.acquire(acquireRequest(key));
  expect(reply).toMatchObject({ granted: true });
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
    await client.query("BEGIN");
    await store.fence(client, term);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    await client.query("COMMIT");
  });

  test("lets no candidate be elected from the fence to its end, also if the lease is given back", async () => {
    const { key, asked, client, term } = await setUp();
    await client.query("BEGIN");
    await store.fence(client, term);
    await store.release(asked);
    expect(await isElectedSoon(key)).toBe(false);
    const successor = other.acquire(acquireRequest(key));
    await client.query("COMMIT");
    expect(await successor).toMatchObject({ granted: true });
  });

  test("of a leader that has a successor fails", async () => {
    const { key, asked, client, term } = await setUp();
    await succeed(key, asked);
    await client.query("BEGIN");
    await expect(store.fence(client, term)).rejects.toMatchObject(lost);
  });

  test("of an election that is not there, or of another token, fails", async () => {
    const { key, token, client } = await setUp();
    await client.query("BEGIN");
    for (const term of [heldTerm(token, { key: "none" }), heldTerm(token + 1, { key })]) {
      await expect(store.fence(client, term)).rejects.toMatchObject(lost);
    }
  });

  test("of a term that this process knows to be over fails before anything is asked", async () => {
    const ask = () => Promise.reject(new Error("asked"));
    await expect(store.fence(ask, resignedTerm(7))).rejects.toMatchObject({ reason: "resigned" });
  });

  test("of a term that ends while the server is asked fails", async () => {
    const { key, token, client } = await setUp();
    const left = [1000, 0];
    await client.query("BEGIN");
    const term = heldTerm(token, { key, remaining: () => left.shift() ?? 0 });
    await expect(store.fence(client, term)).rejects.toMatchObject({ reason: "expired" });
  });

  test.each(["REPEATABLE READ", "SERIALIZABLE"])(
    "with a snapshot from before the successor fails (%s)",
    async (level) => {
      const { key, asked, client, term } = await setUp();
      await client.query(`BEGIN ISOLATION LEVEL ${level}`);
      await client.query("SELECT count(*) FROM written");
      await succeed(key, asked);
      await expect(store.fence(client, term)).rejects.toMatchObject({
        code: "INCUMBENT_STORE_REFUSED",
        message: expect.stringContaining("after the transaction took its snapshot"),
        cause: { code: "40001" },
      });
    },
  );

  test.each(["REPEATABLE READ", "SERIALIZABLE"])(
    "with a snapshot of the term commits (%s)",
    async (level) => {
      const { asked, token, client, term } = await setUp();
      await client.query(`BEGIN ISOLATION LEVEL ${level}`);
      await client.query("SELECT count(*) FROM written");
      await store.renew(renewRequest(asked, token));
      await store.fence(client, term);
      await client.query("COMMIT");
    },
  );

  test("may be fenced inside a savepoint, and more than once", async () => {
    const { key, asked, client, term } = await setUp();
    await client.query("BEGIN");
    await client.query("SAVEPOINT inner_one");
    await store.fence(client, term);
    await store.fence(client, term);
    await client.query("RELEASE inner_one");
    await store.release(asked);
    expect(await isElectedSoon(key)).toBe(false);
    await client.query("COMMIT");
  });

  test("does not wait for another one of the same leader", async () => {
    const { client, term } = await setUp();
    const second = await connect();
    for (const each of [client, second]) {
      await each.query("BEGIN");
      await store.fence(each, term);
    }
    for (const each of [client, second]) await each.query("COMMIT");
  });
});

describe("a leader that stands still in its transaction", () => {
  test("keeps others out for no longer than the idle timeout", async () => {
    const { key, asked, client, term } = await setUp();
    await client.query("BEGIN");
    await store.fence(client, term, { idleTimeout: 400 });
    await client.query("INSERT INTO written VALUES ($1, 1)", [key]);
    await store.release(asked);
    await expect.poll(() => other.acquire(acquireRequest(key))).toMatchObject({ granted: true });
    await expect(client.query("COMMIT")).rejects.toThrow();
    expect(await server.query("SELECT FROM written WHERE key = $1", [key])).toEqual([]);
  });

  test.each([
    ["SET LOCAL idle_in_transaction_session_timeout = 30000", { idleTimeout: 60_000 }, "30s"],
    ["SET LOCAL idle_in_transaction_session_timeout = '1min'", { idleTimeout: 2000 }, "2s"],
    ["SELECT 1", undefined, "5s"],
  ])("has the shorter limit (%s, %j)", async (before, settings, limit) => {
    const { client, term } = await setUp();
    const show = async () => {
      const { rows } = await client.query("SHOW idle_in_transaction_session_timeout");
      return rows[0].idle_in_transaction_session_timeout;
    };
    await client.query("BEGIN");
    await client.query(before);
    await store.fence(client, term, settings);
    expect(await show()).toBe(limit);
    await client.query("COMMIT");
    expect(await show()).toBe("0");
  });
});

describe("a client", () => {
  test("without a transaction is refused", async () => {
    const { client, term } = await setUp();
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: expect.stringMatching(/^client must have a transaction open.*BEGIN/),
    });
    const unknown = heldTerm(1, { key: "none" });
    await expect(store.fence(client, unknown)).rejects.toThrow("must have a transaction open");
  });

  test("is not a pool", async () => {
    const { term } = await setUp();
    const pool = new pg.Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    await pool.query("BEGIN");
    await expect(store.fence(pool, term)).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: expect.stringMatching(/^client must be one connection.*not a pool/),
    });
  });

  test("of postgres.js is what begin gives, and not the pool", async () => {
    const { key, asked, term } = await setUp();
    const sql = postgres(server.url, { max: 2 });
    onTestFinished(() => sql.end());
    await expect(store.fence(sql, term)).rejects.toThrow("must have a transaction open");
    await sql.begin((transaction) => store.fence(transaction, term));
    await succeed(key, asked);
    const late = sql.begin((transaction) => store.fence(transaction, term));
    await expect(late).rejects.toMatchObject(lost);
  });

  test.each([
    [
      "pg",
      async () => {
        const types = { getTypeParser: () => (text: string) => ({ text }) };
        const client = new pg.Client({ connectionString: server.url, types });
        await client.connect();
        onTestFinished(() => client.end());
        return {
          fence: async (term: FencedTerm) => {
            await client.query("BEGIN");
            await store.fence(client, term).finally(() => client.query("ROLLBACK"));
          },
          other: new pg.Pool({ connectionString: server.url, types }),
        };
      },
    ],
    [
      "postgres.js",
      async () => {
        const text = {
          ...{ from: [25], to: 25 },
          ...{ parse: (value: string) => ({ value }), serialize: (value: string) => `${value}!` },
        };
        const transform = {
          column: { from: (name: string) => name.toUpperCase() },
          value: { from: (value: unknown) => [value] },
          row: { from: (row: object) => [row] },
        };
        // The types of the library know transformations of rows to rows.
        const sql = postgres(server.url, { types: { text }, transform: transform as object });
        onTestFinished(() => sql.end());
        return {
          fence: async (term: FencedTerm) => {
            await sql.begin((transaction) => store.fence(transaction, term));
          },
          other: sql,
        };
      },
    ],
  ])("of %s may make of texts and rows what it likes, also as the store's", async (_, open) => {
    const { key, asked, term } = await setUp();
    const { fence, other: copied } = await open();
    await fence(term);
    const copy = new PostgresStore(copied);
    onTestFinished(() => copy.close());
    expect(await copy.read(request(key))).toMatchObject({ token: term.token });
    await copy.release(asked);
    expect(await copy.acquire(acquireRequest(key))).toMatchObject({ granted: true });
    await expect(fence(term)).rejects.toMatchObject({ reason: "superseded" });
  });

  test("that is a function must pass texts on, and may have rows as arrays", async () => {
    const { client, term } = await setUp();
    await client.query("BEGIN");
    await store.fence((text) => client.query({ text, rowMode: "array" }), term);
    const types = { getTypeParser: () => (text: string) => `${text}!` };
    await expect(store.fence((text) => client.query({ text, types }), term)).rejects.toThrow(
      `a parser, a transformation or an ORM has changed "${term.token}"; got "${term.token}!"`,
    );
  });

  test("may be a function that runs a statement", async () => {
    const { client, term } = await setUp();
    await client.query("BEGIN");
    await store.fence(async (sql) => (await client.query(sql)).rows, term);
    await store.fence((sql) => client.query(sql), term);
    await client.query("COMMIT");
  });

  test("of a database without the elections is refused", async () => {
    const { term } = await setUp();
    await server.query("CREATE DATABASE elsewhere");
    const client = await connect(server.url.replace(/postgres$/, "elsewhere"));
    await client.query("BEGIN");
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining("connect to the database of the elections"),
    });
  });

  test("of a role without rights is refused, with the grant", async () => {
    const { term } = await setUp();
    await server.query("CREATE ROLE writer LOGIN");
    const client = await connect(server.url.replace("postgres@", "writer@"));
    await client.query("BEGIN");
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining('GRANT SELECT, UPDATE ON "incumbent_elections_fences"'),
    });
    await client.query("ROLLBACK");
    await server.query("GRANT SELECT, UPDATE ON incumbent_elections_fences TO writer");
    await client.query("BEGIN");
    await store.fence(client, term);
  });

  test("that may only read is refused", async () => {
    const { client, term } = await setUp();
    await client.query("BEGIN READ ONLY");
    await expect(store.fence(client, term)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining("read-only"),
    });
  });

  test("that fails passes its error on", async () => {
    const { client, term } = await setUp();
    await client.query("BEGIN");
    await expect(client.query("SELECT nothing")).rejects.toThrow();
    await expect(store.fence(client, term)).rejects.toMatchObject({ code: "25P02" });
  });

  test("gives the tables of a schema and of another name", async () => {
    await server.query('CREATE SCHEMA "the-schema"');
    const own = new PostgresStore(server.url, {
      schema: "the-schema",
      table: "own",
      restartGuard: false,
    });
    onTestFinished(() => own.close());
    const reply = await own.acquire(acquireRequest("k"));
    const client = await connect();
    await client.query("BEGIN");
    await own.fence(client, heldTerm(reply.granted ? reply.token : 0));
  });

  test.each([undefined, null, 7, {}, "postgres://user:secret@host/db"])(
    "is not %s",
    async (client) => {
      const fenced = store.fence(client as unknown as FencedClient, heldTerm(1));
      await expect(fenced).rejects.toThrow(/^client must be a client with a transaction/);
      await expect(fenced).rejects.not.toThrow("secret");
    },
  );

  test.each([undefined, { rows: 7 }, "rows", [7], [[7], 8]])(
    "that answers with %j is refused",
    async (answer) => {
      const fenced = store.fence(() => Promise.resolve(answer), heldTerm(1));
      await expect(fenced).rejects.toThrow(/^client must resolve with the rows/);
    },
  );
});

test.each([0, 1.5, "5s", 3_600_001])("an idle timeout is not %j", async (idleTimeout) => {
  const settings = { idleTimeout: idleTimeout as number };
  const fenced = store.fence(() => Promise.resolve([]), heldTerm(1), settings);
  await expect(fenced).rejects.toThrow(/^idleTimeout must be a whole number from 1 to 3600000/);
});
