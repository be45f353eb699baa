import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { findingsOf } from "../../support/findings.ts";
import { isMariadb, startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

let server: MysqlServer;
let count = 0;

beforeAll(async () => {
  server = await startMysql();
}, 60_000);
afterAll(() => server.stop());

const KEY = "`key` VARCHAR(512) NOT NULL PRIMARY KEY";
const OTHERS =
  "nonce VARCHAR(64) NOT NULL DEFAULT '', node_id VARCHAR(2048) NOT NULL DEFAULT '', metadata LONGTEXT NOT NULL, since BIGINT NOT NULL DEFAULT 0, ttl BIGINT NOT NULL DEFAULT 0, run VARCHAR(1024) NOT NULL, waits_until BIGINT NOT NULL DEFAULT 0, floor BIGINT NOT NULL DEFAULT 0";

interface Made {
  readonly key?: string;
  readonly token?: string;
  readonly ends?: string;
  readonly collation?: string;
}

/** A store on two tables that were not made by its own statements. */
async function storeOn(elections: Made, fences: Made = elections) {
  count += 1;
  const table = `made_${count}`;
  const end = ({ collation = "utf8mb4_bin" }: Made) => `ENGINE = InnoDB COLLATE ${collation}`;
  const { key = KEY, token = "BIGINT", ends = "BIGINT" } = elections;
  await server.query(
    `CREATE TABLE ${table} (${key}, token ${token} NOT NULL DEFAULT 0, ends_at ${ends} NOT NULL DEFAULT 0, ${OTHERS}) ${end(elections)};
    CREATE TABLE ${table}_fences (${fences.key ?? KEY}, token ${fences.token ?? "BIGINT"} NOT NULL) ${end(fences)}`,
  );
  const store = new MysqlStore(server.url, { table, restartGuard: false });
  onTestFinished(() => store.close());
  return { table, store };
}

const general = { collation: "utf8mb4_general_ci" };

describe("a table that was made differently is named by its column at the first request:", () => {
  test.each([
    [
      "a key that is too short",
      { key: KEY.replace("512", "64") },
      "`key` of `T`",
      "VARCHAR\\(512\\)",
    ],
    ["a key whose case does not matter", general, "`key` of `T`", "utf8mb4_bin"],
    [
      "a key of the fences whose case does not matter",
      general,
      "`key` of `T_fences`",
      "utf8mb4_bin",
    ],
    ["a key without all letters", { collation: "utf8mb3_bin" }, "`key` of `T`", "utf8mb4_bin"],
    ["a key of ASCII", { collation: "ascii_bin" }, "`key` of `T`", "utf8mb4_bin"],
    ["no primary key", { key: KEY.replace(" PRIMARY KEY", "") }, "`key` of `T`", "ADD PRIMARY KEY"],
    [
      "an index of the beginning of the key",
      { key: "`key` VARCHAR(512) NOT NULL, UNIQUE (`key`(9))" },
      "`key` of `T`",
      "ADD PRIMARY KEY",
    ],
    [
      "an index of the key with another column",
      { key: "`key` VARCHAR(512) NOT NULL, UNIQUE (`key`, token)" },
      "`key` of `T`",
      "ADD PRIMARY KEY",
    ],
    ["a token of 32 bits", { token: "INT" }, "`token` of `T`", "MODIFY `token` BIGINT"],
    ["a token of the fences of 32 bits", { token: "INT" }, "`token` of `T_fences`", "BIGINT"],
    ["a token with a floating point", { token: "DOUBLE" }, "`token` of `T`", "BIGINT"],
    ["a token with a fraction", { token: "DECIMAL(20,3)" }, "`token` of `T`", "BIGINT"],
    ["a token of too few digits", { token: "DECIMAL(15)" }, "`token` of `T`", "BIGINT"],
    ["a time of 32 bits", { ends: "INT" }, "`ends_at` of `T`", "MODIFY `ends_at` BIGINT"],
  ])("%s", async (_what, made: Made, column, remedy) => {
    const isOfFences = column.includes("_fences");
    const { table, store } = await storeOn(isOfFences ? {} : made, isOfFences ? made : {});
    const named = column.replace("T", table);
    const said = new RegExp(
      `In MySQL a table is not the store's.*${named}.*ALTER TABLE.*${remedy}`,
    );
    await expect(store.acquire(acquireRequest("k"))).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: expect.stringMatching(said),
    });
    expect(await findingsOf(store)).toContainEqual(
      expect.objectContaining({
        ...{ check: "tables", level: "error" },
        says: expect.stringContaining(named),
      }),
    );
  });
});

const NO_PAD = isMariadb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";

describe("texts that cannot be compared are no fault of the moment:", () => {
  test.each<[what: string, elections: Made, fences: Made, key: string]>([
    ["keys of two collations", {}, { collation: NO_PAD }, "k"],
    ["a key that the column has no letters for", { collation: "latin1_bin" }, {}, "a😀"],
  ])("%s", async (_what, elections, fences, key) => {
    const { table, store } = await storeOn(elections, fences);
    await expect(store.acquire(acquireRequest(key))).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: expect.stringContaining("make all of them utf8mb4_bin"),
    });
    const [flaw] = (await findingsOf(store)).filter(({ check }) => check === "tables");
    expect(flaw).toMatchObject({ level: "error" });
    const [, remedy = ""] = /(ALTER TABLE .*NOT NULL)/.exec(flaw?.remedy ?? "") ?? [];
    await server.query(remedy);
    expect(await store.acquire(acquireRequest(key))).toMatchObject({ granted: true });
    expect(remedy).toContain(table);
  });
});

describe("a table that was made differently is used", () => {
  test.each([
    ["if its key is of bytes", { key: "`key` VARBINARY(512) NOT NULL PRIMARY KEY" }],
    ["if its key is unique", { key: "`key` VARCHAR(512) NOT NULL, UNIQUE (`key`)" }],
    ["if its key is longer", { key: KEY.replace("512", "600") }],
    ["if its numbers have no sign", { token: "BIGINT UNSIGNED" }],
    ["if its numbers have decimal digits enough", { token: "DECIMAL(16)", ends: "DECIMAL(20)" }],
  ])("%s", async (_what, made: Made) => {
    const { store } = await storeOn(made);
    const asked = acquireRequest("k");
    const reply = await store.acquire(asked);
    if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
    expect(await store.renew(renewRequest(asked, reply.token))).toEqual({ renewed: true });
  });

  test("if its keys are of the binary collation without padding", async () => {
    const { store } = await storeOn({ collation: NO_PAD });
    const asked = ["k", "ü😀", "l"].map((key) => acquireRequest(key));
    const replies = await Promise.all(asked.map((request) => store.acquire(request)));
    const renewed = asked.map((request, i) => {
      const reply = replies[i];
      if (!reply?.granted) throw new Error(`refused: ${reply?.reason}`);
      return store.renew(renewRequest(request, reply.token));
    });
    expect(await Promise.all(renewed)).toEqual(asked.map(() => ({ renewed: true })));
  });

  test("once the remedy of the error was carried out", async () => {
    const { store } = await storeOn({ key: "`key` VARCHAR(64) NOT NULL", token: "INT" }, {});
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const failure = await store.acquire(acquireRequest("k")).catch((error: unknown) => error);
      const [, remedy = ""] = /run (ALTER TABLE .*), or give/.exec(String(failure)) ?? [];
      expect(remedy).not.toBe("");
      await server.query(remedy);
    }
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
  });
});
