import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { MysqlStoreOptions } from "../../../src/stores/mysql/mysql-options.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest } from "../../support/requests.ts";

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysql();
  const store = new MysqlStore(server.url);
  await store.acquire(acquireRequest("first"));
  await store.close();
  await server.query("CREATE USER guest IDENTIFIED BY 'hush'");
});
afterAll(() => server.stop());

const guest = () => server.url.replace("root@", "guest:hush@");

async function diagnose(url: string, options: MysqlStoreOptions = {}) {
  const store = new MysqlStore(url, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

/** Changes a setting until the end of the test. */
async function configure(name: string, value: string, usual: string): Promise<void> {
  await server.query(`SET GLOBAL ${name} = ${value}`);
  onTestFinished(async () => void (await server.query(`SET GLOBAL ${name} = ${usual}`)));
}

const rowsOf = () => server.query("SELECT * FROM incumbent_elections ORDER BY `key`");

test("a sound server has nothing but ok in every check, and is not changed", async () => {
  const before = await rowsOf();
  const findings = await diagnose(server.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual([
    ...["reachable", "version", "tables", "writes", "connections", "clock"],
  ]);
  expect(await rowsOf()).toEqual(before);
});

const COLUMNS =
  "nonce VARCHAR(64) DEFAULT '', node_id VARCHAR(64) DEFAULT '', metadata LONGTEXT, token BIGINT DEFAULT 0, since BIGINT DEFAULT 0, ttl BIGINT DEFAULT 0, ends_at BIGINT DEFAULT 0, run VARCHAR(1024), waits_until BIGINT DEFAULT 0, floor BIGINT DEFAULT 0";

describe("another table of the same name", () => {
  test.each([
    ["other columns", "id INT", ["error tables"]],
    ["a key of another type", `\`key\` INT PRIMARY KEY, ${COLUMNS}`, ["error tables"]],
    ["a further column", `\`key\` VARCHAR(512) PRIMARY KEY, more INT NOT NULL, ${COLUMNS}`, []],
    ["a rule", `\`key\` VARCHAR(512) PRIMARY KEY CHECK (\`key\` = 'x'), ${COLUMNS}`, []],
  ])("with %s is named, with what to do", async (what, columns, seen) => {
    const table = what.replaceAll(" ", "_");
    await server.query(`CREATE TABLE ${table} (${columns}) COLLATE utf8mb4_bin`);
    const store = new MysqlStore(server.url, { table });
    await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringMatching(`(?=.*\`${table}\`).*not the store's.*the option table`),
      applied: "no",
    });
    await store.close();
    expect(troubles(await diagnose(server.url, { table }))).toEqual(seen);
  });
});

describe("tables that do not exist", () => {
  test("are a note, and are not created", async () => {
    const findings = await diagnose(server.url, { table: "incumbent_new" });
    expect(troubles(findings)).toEqual(["note tables"]);
    expect(await server.query("SHOW TABLES LIKE 'incumbent_new%'")).toEqual([]);
  });

  test("are an error without createTable", async () => {
    const options = { table: "incumbent_new", createTable: false };
    expect(troubles(await diagnose(server.url, options))).toEqual(["error tables"]);
  });
});

describe("a user without rights", () => {
  test("on the database cannot use it", async () => {
    expect(troubles(await diagnose(guest()))).toEqual(["error reachable"]);
  });

  test.each(["SELECT", "INSERT", "UPDATE"])("but for %s is told what to grant", async (right) => {
    const others = ["SELECT", "INSERT", "UPDATE"].filter((other) => other !== right).join(", ");
    const tables = ["incumbent_elections", "incumbent_elections_fences"];
    for (const table of tables) await server.query(`GRANT ${others} ON ${table} TO guest`);
    const findings = await diagnose(guest());
    expect(troubles(findings)).toEqual(["error tables"]);
    expect(findings.find(({ level }) => level === "error")?.remedy).toMatch(
      /^Run: GRANT SELECT.*; GRANT SELECT.*$/,
    );
    for (const table of tables) await server.query(`GRANT ${right} ON ${table} TO guest`);
    expect(troubles(await diagnose(guest()))).toEqual([]);
    await server.query("REVOKE ALL PRIVILEGES, GRANT OPTION FROM guest");
  });
});

describe("settings of the server", () => {
  test.each([
    ["read_only", "1", "0", "error writes"],
    ["innodb_flush_log_at_trx_commit", "2", "1", "note writes"],
  ])("%s = %s", async (name, value, usual, trouble) => {
    await configure(name, value, usual);
    expect(troubles(await diagnose(server.url))).toEqual([trouble]);
  });

  test("nearly no connection left is a warning", async () => {
    await configure("max_connections", "10", "151");
    const others = Array.from({ length: 9 }, () => server.query("DO SLEEP(1)"));
    await expect
      .poll(async () => troubles(await diagnose(server.url)))
      .toContain("warning connections");
    await Promise.allSettled(others);
  });
});

test("a server that is not there, or a wrong password, is one finding without it", async () => {
  for (const url of [
    `mysql://app:hush@127.0.0.1:${await freePort()}/app`,
    server.url.replace("root@", "guest:hushed@"),
  ]) {
    const findings = await diagnose(url);
    expect(troubles(findings)).toEqual(["error reachable"]);
    expect(JSON.stringify(findings)).not.toContain("hush");
  }
});
