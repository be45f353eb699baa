import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { PostgresStoreOptions } from "../../../src/stores/postgres/postgres-options.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { startPgBouncer } from "../../support/pgbouncer.ts";
import { type PostgresServer, startPostgres, startStandby } from "../../support/postgres-server.ts";
import { Stores, win } from "./postgres-stage.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres(["fsync=on"]);
  const stores = new Stores();
  await win(stores.open(postgres.url), "first", { ttl: 100 });
  await stores.close();
  await postgres.query("CREATE ROLE guest LOGIN");
  // As it is from PostgreSQL 15 on.
  await postgres.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
});
afterAll(() => postgres.stop());

const guest = () => postgres.url.replace("postgres@", "guest:hush@");

async function diagnose(url: string, options: PostgresStoreOptions = {}) {
  const store = new PostgresStore(url, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

async function tables(): Promise<unknown> {
  return postgres.query("SELECT relname FROM pg_class WHERE relname LIKE 'incumbent%' ORDER BY 1");
}

test("a sound server has nothing but ok in every check, and no session of it afterwards", async () => {
  const findings = await diagnose(postgres.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual([
    ...["reachable", "version", "tables", "rights"],
    ...["replication", "connections", "clock", "messages"],
  ]);
  const sessions =
    "SELECT FROM pg_stat_activity WHERE query LIKE '%clock_timestamp%' AND pid <> pg_backend_pid()";
  await expect.poll(() => postgres.query(sessions)).toEqual([]);
});

test("a table of the same name that is not the store's is an error, with its name", async () => {
  await postgres.query("CREATE TABLE another (id int)");
  const findings = await diagnose(postgres.url, { table: "another" });
  expect(troubles(findings)).toEqual(["error tables"]);
  expect(findings.find(({ check }) => check === "tables")).toMatchObject({
    says: 'What is called "another" is not a table of the store\'s.',
    remedy: expect.stringContaining("the option table"),
  });
});

describe("tables that do not exist", () => {
  test("are a note, and are not created", async () => {
    const before = await tables();
    expect(troubles(await diagnose(postgres.url, { table: "incumbent_new" }))).toEqual([
      "note tables",
    ]);
    expect(await tables()).toEqual(before);
  });

  test.each<[claim: string, options: PostgresStoreOptions, says: RegExp]>([
    ["without createTable", { createTable: false }, /createTable is false/],
    ["in a schema that does not exist", { schema: "nowhere" }, /no such schema/],
  ])("%s, are an error", async (_, options, says) => {
    const findings = await diagnose(postgres.url, { table: "incumbent_new", ...options });
    expect(troubles(findings)).toEqual(["error tables"]);
    expect(findings.find(({ check }) => check === "tables")?.says).toMatch(says);
  });

  test("and that the role may not create, are an error", async () => {
    const findings = await diagnose(guest(), { table: "incumbent_new" });
    expect(troubles(findings)).toEqual(["error tables"]);
    expect(JSON.stringify(findings)).toContain("the role guest may not create them");
  });
});

describe("a role", () => {
  test("without rights on the tables is told what to grant; then all is well", async () => {
    const findings = await diagnose(guest());
    expect(troubles(findings)).toEqual(["error rights"]);
    const remedy = findings.find(({ check }) => check === "rights")?.remedy ?? "";
    await postgres.query(remedy.replace("Run: ", "").replace(/\.$/, ""));
    expect(troubles(await diagnose(guest()))).toEqual([]);
  });

  test("to which row-level security applies gets the policies to create, and then a note that they must suffice", async () => {
    await postgres.query(`CREATE ROLE secured LOGIN;
      CREATE TABLE secret (LIKE incumbent_elections INCLUDING ALL);
      CREATE TABLE secret_fences (LIKE incumbent_elections_fences INCLUDING ALL);
      CREATE TABLE secret_server (LIKE incumbent_elections_server INCLUDING ALL);
      GRANT SELECT, INSERT, UPDATE ON secret, secret_fences, secret_server TO secured`);
    const url = postgres.url.replace("postgres@", "secured@");
    const diagnosed = async () => {
      const findings = await diagnose(url, { table: "secret" });
      return { found: troubles(findings), ...findings.find(({ check }) => check === "rights") };
    };
    expect(await diagnosed()).toMatchObject({ found: [] });
    await postgres.query("ALTER TABLE secret_fences ENABLE ROW LEVEL SECURITY");
    const { found, says, remedy = "" } = await diagnosed();
    expect(found).toEqual(["error rights"]);
    expect(says).toContain('on "secret_fences", and no policy lets it in');
    expect(remedy).not.toContain("\n");
    await postgres.query(remedy.replace("Run: ", "").replace(/\.$/, ""));
    expect(await diagnosed()).toMatchObject({ found: ["note rights"] });
  });

  test("that may not ask who the server is, is an error with the guard alone", async () => {
    await postgres.query("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    onTestFinished(async () => {
      await postgres.query("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
    });
    await postgres.query(
      'GRANT SELECT, INSERT, UPDATE ON "incumbent_elections", "incumbent_elections_fences", "incumbent_elections_server" TO guest',
    );
    const findings = await diagnose(guest());
    expect(troubles(findings)).toEqual(["error rights"]);
    expect(JSON.stringify(findings)).toContain("may not call pg_control_system()");
    expect(troubles(await diagnose(guest(), { restartGuard: false }))).toEqual([]);
  });
});

test("a pooler is a note", async () => {
  const pooler = await startPgBouncer(postgres.port);
  onTestFinished(() => pooler.stop());
  expect(troubles(await diagnose(pooler.url))).toEqual(["note messages"]);
  expect(troubles(await diagnose(pooler.url, { listenUrl: postgres.url }))).toEqual([]);
});

test("a standby is refused, its primary is noted to wait for none, and a server without fsync is warned of", async () => {
  const standby = await startStandby(postgres);
  onTestFinished(() => standby.stop());
  const [finding, ...others] = await diagnose(standby.url);
  expect(finding).toMatchObject({ check: "reachable", level: "error" });
  expect(finding?.says).toContain("standby");
  expect(others).toEqual([]);
  await expect
    .poll(async () => troubles(await diagnose(postgres.url)))
    .toEqual(["note replication"]);
  // It was started without.
  await standby.query("SELECT pg_promote()");
  expect(troubles(await diagnose(standby.url))).toEqual(["warning replication"]);
});

test("a database that is read-only is refused", async () => {
  await postgres.query("CREATE DATABASE kept");
  await postgres.query("ALTER DATABASE kept SET default_transaction_read_only = on");
  const [finding] = await diagnose(postgres.url.replace(/postgres$/, "kept"));
  expect(finding?.says).toContain("default_transaction_read_only is on");
});

test("a server that is not there is one finding, without the password", async () => {
  const findings = await diagnose(`postgres://app:hush@127.0.0.1:${await freePort()}/app`);
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(JSON.stringify(findings)).not.toContain("hush");
});
