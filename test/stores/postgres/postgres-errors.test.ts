import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isForeign, postgresKind } from "../../../src/stores/postgres/postgres-errors.ts";
import { type PostgresServer, startPostgres, startStandby } from "../../support/postgres-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { Stores, win } from "./postgres-stage.ts";

let postgres: PostgresServer;
const stores = new Stores();

beforeAll(async () => {
  postgres = await startPostgres(["max_connections=12", "superuser_reserved_connections=2"]);
  await win(stores.open(postgres.url), "first", { ttl: 100 });
  await postgres.settle();
  await postgres.query("CREATE ROLE guest LOGIN PASSWORD 'hush-hush'");
  // As it is from PostgreSQL 15 on.
  await postgres.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
});
afterEach(() => stores.close());
afterAll(() => postgres.stop());

const guest = () => postgres.url.replace("postgres@", "guest:hush-hush@");
const MISCONFIGURED = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
const REFUSED = { code: "INCUMBENT_STORE_REFUSED", applied: "no" };

function saying(...parts: string[]) {
  return { message: expect.stringMatching(new RegExp(parts.join(".*"), "s")) };
}

describe("what is wrong in PostgreSQL is said with what to do", () => {
  test("tables that are missing and not to be created", async () => {
    const store = stores.open(postgres.url, { table: "other", createTable: false });
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      ...MISCONFIGURED,
      ...saying(
        "are missing",
        'CREATE TABLE IF NOT EXISTS "other"',
        "GRANT SELECT, INSERT, UPDATE",
      ),
    });
    // To look creates nothing, and finds nothing.
    expect(await store.read(request("job"))).toBe(undefined);
  });

  test("the same statements make the store work for a role that may do nothing else", async () => {
    const store = stores.open(guest(), { table: "granted" });
    const error = await store.acquire(acquireRequest("job")).catch((reason) => reason);
    expect(error).toMatchObject({ ...MISCONFIGURED, ...saying("may not create them") });
    const [, remedy = ""] = /run:\n(.*)$/s.exec(error.message) ?? [];
    await postgres.query(remedy.replace("TO …", "TO guest"));
    const { asked, token } = await win(store, "job", { ttl: 400 });
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("a role without rights on the tables", async () => {
    const store = stores.open(guest());
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      ...MISCONFIGURED,
      ...saying("lacks a right", "GRANT SELECT"),
    });
  });

  test("row-level security, with policies that let the role in", async () => {
    await postgres.query("CREATE ROLE secured LOGIN");
    const names = ["elections", "elections_fences", "elections_server"].map(
      (n) => `incumbent_${n}`,
    );
    await postgres.query(`GRANT SELECT, INSERT, UPDATE ON ${names.join(", ")} TO secured;
      ${names.map((name) => `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`).join(";")}`);
    const store = stores.open(postgres.url.replace("postgres@", "secured@"));
    const error = await store.acquire(acquireRequest("secured")).catch((reason) => reason);
    expect(error).toMatchObject({
      ...MISCONFIGURED,
      ...saying("Row-level security keeps the role"),
    });
    const [, remedy = ""] = /run:\n(.*)$/s.exec(error.message) ?? [];
    await postgres.query(remedy.replaceAll("TO …", "TO secured"));
    const { asked, token } = await win(store, "secured", { ttl: 400 });
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  const COLUMNS =
    "nonce text DEFAULT '', node_id text DEFAULT '', metadata text DEFAULT '', token bigint DEFAULT 0, since bigint DEFAULT 0, ttl bigint DEFAULT 0, ends_at bigint DEFAULT 0, run text, waits_until bigint, floor bigint";

  test.each([
    ["table with other columns", "TABLE", "(id int)"],
    ["table with a key of another type", "TABLE", `(key int PRIMARY KEY, ${COLUMNS})`],
    [
      "table with a further column",
      "TABLE",
      `(key text PRIMARY KEY, more int NOT NULL, ${COLUMNS})`,
    ],
    [
      "table with a rule of its own",
      "TABLE",
      `(key text PRIMARY KEY CHECK (key = 'x'), ${COLUMNS})`,
    ],
    ["table without an index of the key", "TABLE", `(key text, ${COLUMNS})`],
    ["view", "VIEW", "AS SELECT DISTINCT * FROM incumbent_elections"],
    ["sequence", "SEQUENCE", ""],
  ])("another %s that has the name of a table of the store", async (what, kind, definition) => {
    const table = what.replaceAll(" ", "_");
    await postgres.query(`CREATE ${kind} ${table} ${definition}`);
    const store = stores.open(postgres.url, { table });
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      ...MISCONFIGURED,
      ...saying(`"${table}", "${table}_fences"`, "not the store's", "the option table"),
    });
  });

  test("a function of the server that is missing, which is no matter of tables", () => {
    const cause = Object.assign(new Error("function pg_control_system() does not exist"), {
      code: "42883",
    });
    const error = postgresKind.errorOf(cause);
    expect(error).toMatchObject(MISCONFIGURED);
    expect(isForeign(error, ["incumbent_elections"])).toBe(false);
  });

  test("a schema that is not there", async () => {
    const store = stores.open(postgres.url, { schema: "nowhere" });
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      ...MISCONFIGURED,
      ...saying("no such schema", "create it"),
    });
  });

  test("a role that is not there", async () => {
    const store = stores.open(postgres.url.replace("postgres@", "nobody:hush-hush@"));
    const error = await store.acquire(acquireRequest("job")).catch((reason) => reason);
    expect(error).toMatchObject({ ...MISCONFIGURED, ...saying("check user and password") });
    expect(error.message).not.toContain("hush-hush");
  });

  test("a text that the encoding of the database lacks, and only of the election that has it", async () => {
    await postgres.query(
      "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    const store = stores.open(postgres.url.replace(/postgres$/, "latin"));
    const plain = await win(store, "plain", { ttl: 500 });
    const check = await win(store, "check", { ttl: 500, metadata: "é" });
    const renewals = await Promise.allSettled([
      store.renew(renewRequest(plain.asked, plain.token)),
      store.renew(renewRequest(check.asked, check.token, {})),
      store.renew({ ...renewRequest(check.asked, check.token), key: "other", metadata: "✓" }),
    ]);
    expect(renewals[2]).toMatchObject({ status: "rejected", reason: MISCONFIGURED });
    for (const renewal of renewals.slice(0, 2)) expect(renewal.status).toBe("fulfilled");
  });

  test("a database that is read-only", async () => {
    await postgres.query("CREATE DATABASE frozen; ");
    await postgres.query("ALTER DATABASE frozen SET default_transaction_read_only = on");
    const store = stores.open(postgres.url.replace(/postgres$/, "frozen"));
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      ...REFUSED,
      ...saying("default_transaction_read_only is on"),
    });
  });

  test("a standby, until it is promoted", async () => {
    const standby = await startStandby(postgres);
    try {
      const store = stores.open(standby.url);
      await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
        ...REFUSED,
        ...saying("standby", "primary"),
      });
      await standby.query("SELECT pg_promote()");
      await win(store, "job", { ttl: 300 });
    } finally {
      await stores.close();
      await standby.stop();
    }
  });

  test("no connection left, until there is one", async () => {
    await expect.poll(() => connections()).toBeLessThan(3);
    const others = Array.from({ length: 20 }, () => stores.open(guest(), { table: "granted" }));
    const asked = others.map((store) => store.acquire(acquireRequest("crowded")));
    const failures = (await Promise.allSettled(asked)).filter(
      ({ status }) => status === "rejected",
    );
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]).toMatchObject({ reason: { ...REFUSED, ...saying("max_connections") } });
    await stores.close();
    await expect.poll(() => connections()).toBeLessThan(3);
    const store = stores.open(guest(), { table: "granted" });
    expect(await store.read(request("job"))).toBe(undefined);
  });
});

async function connections(): Promise<number> {
  const [row] = await postgres.query(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'guest'",
  );
  return Number(row?.["n"]);
}

describe("a connection that ends", () => {
  test("by pg_terminate_backend: the next request opens another, and hints go on", async () => {
    const store = stores.open(postgres.url);
    const { asked, token } = await win(store, "terminated", { ttl: 60_000 });
    const hints: string[] = [];
    store.watch("terminated", (hint) => hints.push(hint));
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'incumbent'",
    );
    // It is opened again although no request comes.
    await expect.poll(() => hints.length).toBeGreaterThan(0);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("between commit and answer: the attempt may have the lease, and its nonce frees it", async () => {
    const proxy = await startProxy(postgres.port);
    try {
      const store = stores.open(postgres.url.replace(/:\d+\//, `:${proxy.port}/`));
      // Known, so that the next request takes one statement.
      const first = await win(store, "unheard", { ttl: 60_000 });
      await store.release({ ...request("unheard"), nonce: first.asked.nonce });
      const asked = acquireRequest("unheard", { ttl: 60_000 });
      proxy.mode = "swallow-replies";
      const attempt = store.acquire(asked);
      await expect.poll(() => proxy.swallowed).toBeGreaterThan(0);
      proxy.cut();
      await expect(attempt).rejects.toMatchObject({ applied: "maybe" });
      proxy.mode = "pass";
      expect(await store.release({ ...request("unheard"), nonce: asked.nonce })).toEqual({
        released: true,
      });
    } finally {
      await stores.close();
      await proxy.close();
    }
  });
});
