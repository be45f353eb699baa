import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { isIncumbentError } from "../../../src/errors.ts";
import { loadSqlite } from "../../../src/stores/sqlite/sqlite-client.ts";
import type { FencedDatabase } from "../../../src/stores/sqlite/sqlite-fenced-database.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { heldTerm, resignedTerm } from "../../support/terms.ts";
import { attached, failureOf, setUp } from "./fence-stage.ts";
import { temporaryDirectory } from "./forged-machine.ts";

const insert = "INSERT INTO billing VALUES (1)";

describe("a transaction", () => {
  test.each(["BEGIN", "BEGIN IMMEDIATE"])("that is fenced commits (%s)", async (begin) => {
    const { store, token, database, rows } = await setUp();
    database.exec(begin);
    await store.fence(database, heldTerm(token));
    database.exec(`${insert}; COMMIT`);
    expect(rows()).toEqual([1]);
  });

  test("is fenced also if the key begins with a quotation mark", async () => {
    const { store, database, rows } = await setUp();
    const key = '"job" of Anna';
    const reply = await store.acquire(acquireRequest(key));
    if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
    database.exec("BEGIN");
    await store.fence(database, heldTerm(reply.token, { key }));
    database.exec(`${insert}; COMMIT`);
    expect(rows()).toEqual([1]);
  });

  test("lets no candidate be elected from the fence to its end", async () => {
    const { machine, store, other, token, database } = await setUp();
    database.exec("BEGIN");
    await store.fence(database, heldTerm(token));
    machine.pass(10_000);
    expect(await failureOf(() => other.acquire(acquireRequest("k")))).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      applied: "no",
    });
    database.exec(`${insert}; COMMIT`);
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
  });

  test("of a leader that has a successor fails", async () => {
    const { machine, store, other, token, database } = await setUp();
    machine.pass(1000);
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    database.exec(`BEGIN; ${insert}`);
    expect(await failureOf(() => store.fence(database, heldTerm(token)))).toMatchObject({
      ...{ name: "LeadershipLostError", reason: "superseded" },
    });
  });

  test("of a leader whose lease was released, is not there or is older fails", async () => {
    const { store, asked, token, database } = await setUp();
    database.exec("BEGIN");
    for (const term of [heldTerm(token - 1), heldTerm(token + 1), heldTerm(token, { key: "x" })]) {
      const failure = await failureOf(() => store.fence(database, term));
      expect(failure).toMatchObject({ reason: "superseded" });
    }
    database.exec("ROLLBACK");
    await store.release(asked);
    database.exec("BEGIN");
    const failure = await failureOf(() => store.fence(database, heldTerm(token)));
    expect(failure).toMatchObject({ reason: "superseded" });
  });

  test("of a term that this process knows to be over fails before anything is asked", async () => {
    const { store, token, database } = await setUp();
    const failure = await failureOf(() => store.fence(database, resignedTerm(token)));
    expect(failure).toMatchObject({ name: "LeadershipLostError", reason: "resigned" });
  });

  test("of a term that ends while the lock is waited for fails", async () => {
    const { store, token, database } = await setUp();
    const left = [1000, 0];
    const term = heldTerm(token, { remaining: () => left.shift() ?? 0 });
    database.exec("BEGIN");
    const failure = await failureOf(() => store.fence(database, term));
    expect(failure).toMatchObject({ reason: "expired" });
  });

  test("that is synchronous is rolled back by the call itself", async () => {
    const { store, token, database, rows } = await setUp();
    const write = (of: number) =>
      database.transaction(() => {
        database.exec(insert);
        void store.fence(database, heldTerm(of));
      });
    expect(write(token - 1)).toThrow("No longer the leader");
    expect(rows()).toEqual([]);
    write(token)();
    expect(rows()).toEqual([1]);
  });

  test("that began to read before the successor was elected fails", async () => {
    const { machine, store, other, token, database } = await setUp();
    database.exec("BEGIN");
    database.prepare("SELECT count(*) FROM elections.elections").get();
    machine.pass(1000);
    await other.acquire(acquireRequest("k"));
    expect(await failureOf(() => store.fence(database, heldTerm(token)))).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
    });
  });

  test("waits for the lock as long as its database does, and then fails", async () => {
    const { folder, path, store, token, database } = await setUp();
    const impatient = attached(folder, path, { timeout: 0 });
    database.exec("BEGIN IMMEDIATE");
    impatient.exec("BEGIN");
    expect(await failureOf(() => store.fence(impatient, heldTerm(token)))).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringContaining(path),
    });
  });

  test("stays fenced when it is rolled back to a savepoint before the fence", async () => {
    const { machine, store, other, token, database } = await setUp();
    database.exec("BEGIN; SAVEPOINT before_it");
    await store.fence(database, heldTerm(token));
    database.exec("ROLLBACK TO before_it");
    machine.pass(1000);
    await expect(other.acquire(acquireRequest("k"))).rejects.toMatchObject({ applied: "no" });
    database.exec("COMMIT");
  });

  test("may be fenced more than once, and again when it has ended", async () => {
    const { store, token, database } = await setUp();
    for (let round = 0; round < 2; round += 1) {
      database.exec("BEGIN");
      await store.fence(database, heldTerm(token));
      await store.fence(database, heldTerm(token));
      database.exec("COMMIT");
    }
  });

  test("leaves the elections as they were", async () => {
    const { store, other, asked, token, database } = await setUp();
    database.exec("BEGIN");
    await store.fence(database, heldTerm(token));
    database.exec("COMMIT");
    expect(await other.read(request("k"))).toMatchObject({ token });
    expect(await store.release(asked)).toEqual({ released: true });
  });
});

describe("a database", () => {
  /** The message of the refusal. */
  async function refusal(store: SqliteStore, database: FencedDatabase, token: number) {
    const error = await failureOf(() => store.fence(database, heldTerm(token)));
    if (!isIncumbentError(error)) throw error;
    expect(error.code).toBe("INCUMBENT_INVALID_OPTION");
    return error.message;
  }

  test("without a transaction is refused", async () => {
    const { store, token, database } = await setUp();
    const message = await refusal(store, database, token);
    expect(message).toMatch(/^database must have a transaction open; .*BEGIN IMMEDIATE/);
  });

  test("that does not say whether there is one is asked", async () => {
    const { store, token, database } = await setUp();
    const silent: Database.Database = Object.create(database, {
      inTransaction: { value: undefined },
      exec: { value: (sql: string) => database.exec(sql) },
      prepare: { value: (sql: string) => database.prepare(sql) },
    });
    expect(await refusal(store, silent, token)).toMatch("must have a transaction open");
    expect(database.inTransaction).toBe(false);
    database.exec("BEGIN");
    await store.fence(silent, heldTerm(token));
    expect(database.inTransaction).toBe(true);
    database.exec("COMMIT");
  });

  test("that has not attached the file is refused, with the statement that does it", async () => {
    const { folder, path, store, token } = await setUp();
    const database = new Database(join(folder, "app.db"));
    onTestFinished(() => void database.close());
    database.exec("BEGIN");
    const message = await refusal(store, database, token);
    expect(message).toContain(`ATTACH DATABASE '${path}' AS elections`);
  });

  test("may have attached the file under any name, by any of its paths", async () => {
    const { folder, store, token } = await setUp();
    symlinkSync(folder, join(folder, "link"));
    const database = new Database(":memory:");
    onTestFinished(() => void database.close());
    const link = join(folder, "link", "leader.db");
    database.prepare(`ATTACH DATABASE ? AS "a ""b"""`).run(link);
    database.exec("BEGIN");
    await store.fence(database, heldTerm(token));
  });

  test("may attach the file before there are elections in it", async () => {
    const folder = temporaryDirectory();
    const path = join(folder, "leader.db");
    const database = attached(folder, path);
    const store = new SqliteStore(path, { library: Database });
    onTestFinished(() => store.close());
    const reply = await store.acquire(acquireRequest("k"));
    database.exec("BEGIN");
    await store.fence(database, heldTerm(reply.granted ? reply.token : 0));
  });

  test("that gives rows and numbers in another form is no hindrance", async () => {
    const { store, token, database } = await setUp();
    database.defaultSafeIntegers(true);
    database.exec("BEGIN");
    await store.fence(database, heldTerm(token));
  });

  test("of a file that was replaced since is refused", async () => {
    const { path, store, token, database } = await setUp();
    for (const end of ["", "-wal", "-shm"]) renameSync(`${path}${end}`, `${path}.old${end}`);
    await store.acquire(acquireRequest("other"));
    database.exec("BEGIN");
    expect(await refusal(store, database, token)).toMatch("was replaced since");
    for (const end of ["", "-wal", "-shm"]) rmSync(`${path}.old${end}`, { force: true });
  });

  test("of another library is refused", async () => {
    const { store, token } = await setUp();
    const message = await refusal(store, { exec: () => 0, prepare: () => 0 }, token);
    expect(message).toMatch(/^database must be an open database of the SQLite library/);
  });
});

describe("the library", () => {
  test.each([
    ["that of the runtime", undefined],
    ["the class that was given", Database],
  ])("is %s", async (_which, library) => {
    const path = join(temporaryDirectory(), "leader.db");
    const store = new SqliteStore(path, { library });
    onTestFinished(() => store.close());
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    expect(await store.read(request("k"))).toBeDefined();
  });

  test("opens a file to read by the name that each gives to it", () => {
    const seen: unknown[] = [];
    class Lowercase {
      exec() {}
      prepare() {}
      close() {}
      constructor(_path: string, options?: object) {
        seen.push(options);
      }
    }
    class WithPragma extends Lowercase {
      pragma() {}
    }
    for (const library of [Lowercase, WithPragma]) loadSqlite(library)("x", true);
    expect(seen).toEqual([{ readOnly: true }, { readonly: true }]);
  });

  test.each([null, "better-sqlite3", {}, Date])("is not %s", (library) => {
    const make = () => new SqliteStore("leader.db", { library: library as never });
    expect(make).toThrow(/^library must be the class of an SQLite library/);
  });
});
