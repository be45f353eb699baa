import type { PGlite } from "@electric-sql/pglite";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { PostgresElector } from "../../../src/postgres.ts";
import type { PostgresStoreOptions } from "../../../src/stores/postgres/postgres-options.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { type PgliteFolder, startPglite } from "../../support/pglite.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { heldTerm } from "../../support/terms.ts";
import { win } from "./postgres-stage.ts";

let pglite: PgliteFolder;
const stores: PostgresStore[] = [];

beforeAll(async () => {
  pglite = await startPglite();
  await settle();
  await pglite.query("CREATE TABLE written (line text)");
}, 120_000);
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
afterAll(() => pglite.remove());

function open(options: PostgresStoreOptions = {}, database: PGlite = pglite.database) {
  const store = new PostgresStore(database, options);
  stores.push(store);
  return store;
}

/** It has long known its memory: there is no quarantine for new keys. */
async function settle() {
  const store = new PostgresStore(pglite.database);
  await store.acquire(acquireRequest("the first"));
  await store.close();
  await pglite.query(
    "UPDATE incumbent_elections_server SET since = 1; UPDATE incumbent_elections SET waits_until = 1",
  );
}

/** Begins a transaction, which goes on until `rollBack` is called. */
async function begin() {
  let rollBack = () => {};
  const isOver = new Promise<void>((resolve) => {
    rollBack = resolve;
  });
  await new Promise<void>((resolve) => {
    const isBegun = async (transaction: { exec(text: string): Promise<unknown> }) => {
      await transaction.exec("INSERT INTO written VALUES ('begun')");
      resolve();
      await isOver;
      throw new Error("rolled back");
    };
    pglite.database.transaction(isBegun).catch(() => {});
  });
  return rollBack;
}

const REFUSED = { code: "INCUMBENT_STORE_REFUSED", applied: "no" };

describe("the PostgreSQL store on PGlite", () => {
  checkStore(test, {
    setUp: async () => {
      await settle();
      return {
        open: () => new PostgresStore(pglite.database),
        restart: () => pglite.reopen(),
        loseData: async () => {
          await pglite.query("TRUNCATE incumbent_elections, incumbent_elections_fences");
        },
      };
    },
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
      ...{ survivesRestart: true, guardsLostData: true },
    },
  });
});

describe("a transaction of the application", () => {
  test("by transaction() is waited for, and its ROLLBACK takes nothing from an election", async () => {
    const store = open();
    await win(store, "before", { ttl: 100 });
    const rollBack = await begin();
    let isAnswered = false;
    const winning = win(store, "meanwhile", { ttl: 60_000 }).finally(() => {
      isAnswered = true;
    });
    // Longer than for one by BEGIN.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(isAnswered).toBe(false);
    rollBack();
    const { token } = await winning;
    expect(await store.read(request("meanwhile"))).toMatchObject({ token });
    expect(await pglite.query("SELECT FROM written")).toEqual([]);
  });

  test.each([
    ["that goes on", "INSERT INTO written VALUES ('mine')", "COMMIT", ["mine"]],
    ["that has failed", "SELECT 1 / 0", "ROLLBACK", []],
  ])(
    "by BEGIN %s refuses requests, and ends as the application wants",
    async (_, text, end, lines) => {
      const store = open();
      const { asked, token } = await win(store, `loose ${end}`, { ttl: 60_000 });
      await pglite.query("TRUNCATE written");
      await pglite.query("BEGIN");
      await pglite.query(text).catch(() => {});
      await expect(store.renew(renewRequest(asked, token))).rejects.toMatchObject({
        ...REFUSED,
        message: expect.stringContaining("outside of transaction()"),
      });
      await expect(store.acquire(acquireRequest("other"))).rejects.toMatchObject(REFUSED);
      await pglite.query(end);
      expect(await pglite.query("SELECT line FROM written")).toEqual(
        lines.map((line) => ({ line })),
      );
      expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    },
  );

  test("that goes on for too long is named as the likely cause", async () => {
    const store = open();
    const { asked, token } = await win(store, "long", { ttl: 60_000 });
    const rollBack = await begin();
    const controller = new AbortController();
    const renewing = store.renew(renewRequest(asked, token, { signal: controller.signal }));
    controller.abort();
    await expect(renewing).rejects.toMatchObject({
      code: "INCUMBENT_STORE_TIMEOUT",
      message: expect.stringContaining("probably has a transaction open in PGlite"),
    });
    rollBack();
  });

  test("by BEGIN that ends soon is waited for", async () => {
    const store = open();
    const { asked, token } = await win(store, "soon", { ttl: 60_000 });
    await pglite.query("BEGIN");
    const renewal = store.renew(renewRequest(asked, token));
    await pglite.query("INSERT INTO written VALUES ('soon'); COMMIT");
    expect(await renewal).toEqual({ renewed: true });
  });

  test("in which the store began to listen may be rolled back: it listens all the same", async () => {
    // No other store listens on the channel of this table.
    const store = open({ table: "rolled_back", restartGuard: false });
    const { database } = pglite;
    const listen = database.listen.bind(database);
    vi.spyOn(database, "listen").mockImplementationOnce(async (channel, callback) => {
      await database.exec("BEGIN");
      const unlisten = await listen(channel, callback);
      await database.exec("ROLLBACK");
      return unlisten;
    });
    const hints: string[] = [];
    store.watch("listening", (hint) => hints.push(hint));
    // It hears that it listens, and may have missed something.
    await expect.poll(() => hints.splice(0)).toEqual(["released"]);
    const { asked } = await win(store, "listening", { ttl: 60_000 });
    await store.release({ ...request("listening"), nonce: asked.nonce });
    await expect.poll(() => hints).toEqual(["changed", "released"]);
  });

  test("is fenced whatever PGlite makes of texts", async () => {
    const texts = { parsers: { 25: (text: string) => ({ text }) } };
    const database = pglite.copy({
      ...texts,
      serializers: { 25: (text: unknown) => `${text}!` },
    });
    const store = open({ restartGuard: false }, database);
    const { asked, token } = await win(store, "parsed", { ttl: 60_000 });
    const term = heldTerm(token, { key: "parsed" });
    await database.transaction((transaction) => store.fence(transaction, term));
    const asArrays = { rowMode: "array" } as const;
    const parsed = database.transaction((transaction) =>
      store.fence((text) => transaction.query(text, [], asArrays), term),
    );
    await expect(parsed).rejects.toThrow(/a parser.* has changed/);
    await store.release({ ...request("parsed"), nonce: asked.nonce });
    await win(store, "parsed", { ttl: 60_000 });
    const late = database.transaction((transaction) => store.fence(transaction, term));
    await expect(late).rejects.toMatchObject({ reason: "superseded" });
    await expect(store.fence(database, term)).rejects.toThrow(
      "Example: database.transaction((transaction) => store.fence(transaction, term)).",
    );
    await store.close();
    await database.close();
  }, 60_000);

  test("is fenced: it commits while the term goes on, and not after it", async () => {
    const store = open();
    const { asked, token } = await win(store, "fenced", { ttl: 60_000 });
    const term = heldTerm(token, { key: "fenced" });
    const write = (line: string) =>
      pglite.database.transaction(async (transaction) => {
        await store.fence(transaction, term);
        await transaction.query("INSERT INTO written VALUES ($1)", [line]);
      });
    await write("of the term");
    await store.release({ ...request("fenced"), nonce: asked.nonce });
    await win(store, "fenced", { ttl: 60_000 });
    await expect(write("too late")).rejects.toMatchObject({ code: "INCUMBENT_LEADERSHIP_LOST" });
    const lines = await pglite.query("SELECT line FROM written WHERE line LIKE '%t%'");
    expect(lines).toEqual([{ line: "of the term" }]);
    await expect(store.fence(pglite.database, term)).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
    });
  });
});

describe("the session of the application", () => {
  const session = () =>
    pglite.query(
      "SELECT name, setting FROM pg_settings UNION ALL SELECT name, statement FROM pg_prepared_statements ORDER BY 1",
    );
  const channels = () => pglite.query("SELECT pg_listening_channels() AS name");

  test("keeps its settings, which move no election", async () => {
    const store = open();
    const { asked, token } = await win(store, "settings", { ttl: 60_000 });
    await pglite.query(
      "CREATE SCHEMA IF NOT EXISTS tenant; SET search_path = tenant; SET default_transaction_isolation = 'serializable'; SET TimeZone = 'Asia/Kolkata'",
    );
    onTestFinished(async () => {
      await pglite.query("RESET ALL");
    });
    const before = await session();
    const other = open();
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await other.read(request("settings"))).toMatchObject({ token });
    expect(await other.acquire(acquireRequest("settings"))).toMatchObject({ reason: "held" });
    expect(await session()).toEqual(before);
    expect(
      await pglite.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'tenant'::regnamespace",
      ),
    ).toEqual([]);
  });

  test("goes on after the store is closed, and no longer listens for it", async () => {
    const heard: string[] = [];
    const database = pglite.database;
    const own = (payload: string) => heard.push(payload);
    await database.listen("incumbent_elections", own);
    const [store, other] = [open(), open({ table: "Other-table" })];
    for (const each of [store, other]) {
      each.watch("job", () => {});
      await win(each, "job", { ttl: 100 });
    }
    await expect.poll(channels).toHaveLength(2);
    await store.close();
    await other.close();
    await expect.poll(channels).toEqual([{ name: "incumbent_elections" }]);
    await database.query("SELECT pg_notify('incumbent_elections', 'still')");
    await expect.poll(() => heard).toContain("still");
    await database.unlisten("incumbent_elections", own);
  });

  test("has nothing wrong for doctor", async () => {
    expect(troubles(await findingsOf(open()))).toEqual([]);
  });
});

describe("another PGlite", () => {
  test("need not be ready when its store is made, nor open until its leader stops", async () => {
    const database = pglite.copy();
    const patient = acquireRequest("patient", { notAfter: performance.now() + 60_000 });
    expect(await open({ restartGuard: false }, database).acquire(patient)).toMatchObject({
      granted: true,
    });
    const elector = new PostgresElector(database, "job", { ttl: 1000, restartGuard: false });
    onTestFinished(async () => {
      await elector.stop();
    });
    const lost = new Promise((resolve) => elector.on("deposed", ({ reason }) => resolve(reason)));
    const failures: unknown[] = [];
    elector.on("storeError", ({ error: { code, message, applied } }) => {
      failures.push({ code, message, applied });
    });
    await elector.start();
    await elector.waitForLeadership();
    await database.close();
    expect(await lost).toBe("store-lost");
    expect(failures).toContainEqual({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: "Cannot reach PostgreSQL: PGlite is closed",
      applied: "no",
    });
  }, 60_000);
});

test("what PGlite cannot do is refused by name", () => {
  expect(() => open({ listenUrl: "postgres://localhost/app" })).toThrow(/listenUrl.*one session/s);
  const worker = { waitReady: Promise.resolve(), exec() {}, query() {}, transaction() {} };
  // The shape of one.
  expect(() => open({}, worker as unknown as PGlite)).toThrow(/not a PGliteWorker/);
});
