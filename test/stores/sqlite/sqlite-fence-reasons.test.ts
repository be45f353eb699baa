import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FencedDatabase } from "../../../src/stores/sqlite/sqlite-fenced-database.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { heldTerm } from "../../support/terms.ts";
import { attached, failureOf, setUp } from "./fence-stage.ts";

/** The error of an argument that cannot be fenced, with these words in its message. */
function refusing(...parts: string[]) {
  const message = expect.stringMatching(new RegExp(parts.join(".*"), "s"));
  return { code: "INCUMBENT_INVALID_OPTION", message };
}

/** A fence that has failed, for the reason and with the remedy that these words name. */
function failing(...parts: string[]) {
  const message = expect.stringMatching(new RegExp(parts.join(".*"), "s"));
  return { code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no", message };
}

describe("a store that has not written to the file yet", () => {
  async function withSecond() {
    const stage = await setUp();
    const second = new SqliteStore(stage.path, { library: Database }, { clock: stage.machine });
    onTestFinished(() => second.close());
    return { ...stage, second };
  }

  const reason = [
    "must not have the lock of the elections before this store has opened their file",
    "the store of the elector that leads",
    'exec\\("BEGIN"\\)',
  ];

  test("cannot open it under a transaction that has the lock already, and says so", async () => {
    const { second, token, database } = await withSecond();
    database.exec("BEGIN IMMEDIATE");
    const failure = await failureOf(() => second.fence(database, heldTerm(token)));
    expect(failure).toMatchObject(refusing(...reason));
  });

  test("says the same if it has only read so far", async () => {
    const { second, token, database } = await withSecond();
    expect(await second.read(request("k"))).toMatchObject({ token });
    database.exec("BEGIN IMMEDIATE");
    const failure = await failureOf(() => second.fence(database, heldTerm(token)));
    expect(failure).toMatchObject(refusing(...reason));
  });

  test("fences a transaction that takes the lock when it is fenced", async () => {
    const { machine, second, other, token, database } = await withSecond();
    database.exec("BEGIN");
    await second.fence(database, heldTerm(token));
    machine.pass(10_000);
    await expect(other.acquire(acquireRequest("k"))).rejects.toMatchObject({ applied: "no" });
    database.exec("COMMIT");
  });

  test.each(["BEGIN", "SELECT 1"])(
    "reports a lock that another connection has as that (%s)",
    async (begin) => {
      const { folder, path, second, token, database } = await withSecond();
      const waiting = attached(folder, path, { timeout: 0 });
      database.exec("BEGIN IMMEDIATE");
      waiting.exec(begin);
      const failure = await failureOf(() => second.fence(waiting, heldTerm(token)));
      expect(failure).toMatchObject(failing("is locked by another process"));
    },
  );

  test("says of what is no database that it is locked as well", async () => {
    const { second, token, database } = await withSecond();
    database.exec("BEGIN IMMEDIATE");
    const nothing = undefined as unknown as FencedDatabase; // Wrong on purpose.
    const failure = await failureOf(() => second.fence(nothing, heldTerm(token)));
    expect(failure).toMatchObject(failing("is locked by another process"));
  });
});

describe("a transaction", () => {
  test("that reads an old state of the elections has to begin again, although the term goes on", async () => {
    const { store, token, database } = await setUp();
    database.exec("BEGIN");
    database.prepare("SELECT count(*) FROM elections.elections").get();
    await store.acquire(acquireRequest("another key"));
    expect(await failureOf(() => store.fence(database, heldTerm(token)))).toMatchObject(
      failing("after the transaction began to read it", "begin another if the term goes on"),
    );
    database.exec("ROLLBACK; BEGIN");
    await store.fence(database, heldTerm(token));
  });

  test("for which the lock is not free in time has to begin again, with a longer wait", async () => {
    const { folder, path, store, token, database } = await setUp();
    const impatient = attached(folder, path, { timeout: 0 });
    database.exec("BEGIN IMMEDIATE");
    impatient.exec("BEGIN");
    expect(await failureOf(() => store.fence(impatient, heldTerm(token)))).toMatchObject(
      failing("another connection has the lock", path, "PRAGMA busy_timeout = 5000"),
    );
  });
});

describe("a database is refused", () => {
  test("that may not write by PRAGMA query_only", async () => {
    const { store, token, database } = await setUp();
    database.exec("PRAGMA query_only = ON; BEGIN");
    const failure = await failureOf(() => store.fence(database, heldTerm(token)));
    expect(failure).toMatchObject(refusing("has PRAGMA query_only set", "query_only = OFF"));
    database.exec("PRAGMA query_only = OFF");
    await store.fence(database, heldTerm(token));
  });

  test("that was opened for reading only", async () => {
    const { folder, path, store, token } = await setUp();
    const reading = attached(folder, path, { readonly: true });
    reading.exec("BEGIN");
    const failure = await failureOf(() => store.fence(reading, heldTerm(token)));
    expect(failure).toMatchObject(
      refusing("was opened or attached for reading only", "without mode=ro"),
    );
  });

  test("that was closed", async () => {
    const { folder, path, store, token } = await setUp();
    const closed = attached(folder, path);
    closed.close();
    const failure = await failureOf(() => store.fence(closed, heldTerm(token)));
    expect(failure).toMatchObject(refusing("must be open, and was closed"));
  });

  test("that iterates over rows", async () => {
    const { store, token, database } = await setUp();
    database.exec("INSERT INTO billing VALUES (1), (2); BEGIN");
    const rows = database.prepare("SELECT * FROM billing").iterate();
    rows.next();
    const failure = await failureOf(() => store.fence(database, heldTerm(token)));
    expect(failure).toMatchObject(refusing("must not be iterating", "statement\\.all\\(\\)"));
    rows.return?.();
    await store.fence(database, heldTerm(token));
  });

  test.each([
    ["nothing", undefined, "got undefined"],
    ["null", null, "got null"],
    ["an empty object", {}, "got an object of Object"],
    ["a path", "app.db", 'got "app.db"'],
    ["a function", () => [], "got a function"],
    ["a promise", Promise.resolve(), "which has to be awaited first"],
    ["what an ORM has made of one", { $client: {} }, "got an object of Object"],
    ["half of one", { exec: () => 0 }, "got an object of Object"],
  ])("if it is %s", async (_what, value, got) => {
    const { store, token } = await setUp();
    const wrong = value as unknown as FencedDatabase; // Wrong on purpose.
    expect(await failureOf(() => store.fence(wrong, heldTerm(token)))).toMatchObject(
      refusing("^database must be the open database itself", got, "drizzle\\(database\\)"),
    );
  });
});

test.each([{ idleTimeout: 5000 }, {}, null, 5000])(
  "options that would be ignored are refused (%j)",
  async (options) => {
    const { store, token, database } = await setUp();
    database.exec("BEGIN");
    const wrong = options as unknown as undefined; // Wrong on purpose.
    expect(await failureOf(() => store.fence(database, heldTerm(token), wrong))).toMatchObject(
      refusing("^options must be left out", "no idleTimeout"),
    );
    await store.fence(database, heldTerm(token), undefined);
  },
);
