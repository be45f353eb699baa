import { builtin } from "../../builtin.ts";
import { type IncumbentError, isIncumbentError, StoreError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { describeRefusal } from "./sqlite-access.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";
import { isBusy, isReadOnly, isSnapshotOld, sqliteFailure } from "./sqlite-errors.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { electionsIn } from "./sqlite-schema.ts";

/** What is used of a database of yours: `node:sqlite`, `better-sqlite3` and `bun:sqlite` have it. */
export interface FencedDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): unknown;
}

/** The user's database if it was made by the class of our own. */
export function checkLibrary(client: FencedDatabase, own: SqliteDatabase): SqliteDatabase {
  const isOfSame = Object.prototype.isPrototypeOf.call(Object.getPrototypeOf(own), client);
  if (isOfSame) return client as SqliteDatabase; // Made by the same class as ours.
  if (!isDatabase(client)) {
    throw refused(
      "must be the open database itself, and not a function or an object that an ORM has made of it",
      client,
      "store.fence(database, term), in a transaction of drizzle(database)",
    );
  }
  throw refused(
    "must be an open database of the SQLite library that the store uses, because the locks of two libraries in one process do not exclude each other",
    client,
    "new SqliteStore(path, { library: Database }), where Database is the class that you open yours with",
  );
}

function isDatabase(client: unknown): client is SqliteDatabase {
  if (typeof client !== "object" || client === null) return false;
  return ["exec", "prepare"].every((name) => typeof Reflect.get(client, name) === "function");
}

/** Under which name the connection has the file of the elections. */
export function schemaOf(database: SqliteDatabase, realPath: string, path: string): string {
  const statement = database.prepare("SELECT name, file FROM pragma_database_list");
  try {
    for (const row of statement.all()) {
      const [name, file] = Object.values(row as object); // As selected; an array, if the database is set up so.
      if (isPath(file) && builtin.fs.realpathSync.native(file) === realPath) return String(name);
    }
  } finally {
    statement.finalize?.();
  }
  const example = `ATTACH DATABASE '${path.replaceAll("'", "''")}' AS elections, once after opening it`;
  throw refused("must have the file of the elections attached", database, example);
}

/** Not those in memory, and none that was removed. */
function isPath(file: unknown): file is string {
  if (typeof file !== "string" || file === "") return false;
  try {
    return builtin.fs.realpathSync.native(file) !== "";
  } catch {
    return false;
  }
}

/** Asks the connection where the library says nothing, as `node:sqlite` before 22.16 does. */
export function isInTransaction(database: SqliteDatabase): boolean {
  const { inTransaction, isTransaction } = database;
  const known = inTransaction ?? isTransaction;
  if (known !== undefined) return known;
  try {
    database.exec("BEGIN");
  } catch {
    return true;
  }
  database.exec("ROLLBACK");
  return false;
}

/**
 * Our own connection to the file. A store whose first request this is has to write to open the file, which it cannot
 * while the transaction that is to be fenced has the lock.
 */
export function openOwn(client: FencedDatabase, file: SqliteFile): SqliteDatabase {
  try {
    return file.openToWrite();
  } catch (error) {
    const isLocked = error instanceof StoreError && isBusy(error.cause);
    if (!isLocked || !hasLock(client, file)) throw error;
    throw refused(
      "must not have the lock of the elections before this store has opened their file, which it does at its first request",
      client,
      'the store of the elector that leads, or database.exec("BEGIN") instead of BEGIN IMMEDIATE',
    );
  }
}

/** Whether the transaction that is open has the lock of the elections. It takes the lock if that is free by now. */
function hasLock(client: unknown, file: SqliteFile): boolean {
  try {
    if (!isDatabase(client) || !isInTransaction(client)) return false;
    takeLock(client, schemaOf(client, file.realPath, file.path));
    return true;
  } catch {
    // Another connection has it.
    return false;
  }
}

/** Takes the lock to write, until the transaction ends. By a statement: of Deno's errors those of `exec` have no code. */
export function takeLock(database: SqliteDatabase, schema: string): void {
  const statement = database.prepare(electionsIn(schema).lock);
  try {
    statement.run();
  } finally {
    statement.finalize?.();
  }
}

/** What is wrong with the user's database or transaction, from what it has thrown. */
export function explained(thrown: unknown, client: FencedDatabase, path: string): IncumbentError {
  if (isIncumbentError(thrown)) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // Each library has an error of its own, without a code of SQLite.
  if (/\b(not open|closed)\b/i.test(text)) {
    const example = "new Database(path), and close() after the last fence";
    return refused("must be open, and was closed", client, example);
  }
  // Of better-sqlite3, which runs nothing that may write beside an iterator.
  if (/\bbusy executing\b/.test(text)) {
    const rule = "must not be iterating over the rows of a statement";
    return refused(rule, client, "statement.all(), or the fence before iterate() or after it");
  }
  if (isReadOnly(thrown) && describeRefusal(path) === "") return onlyReading(client);
  if (isSnapshotOld(thrown)) {
    const advice = `the SQLite file "${path}" was written, by an election or a renewal, after the transaction began to read it; roll back, and begin another if the term goes on, with BEGIN IMMEDIATE or with the fence before reading`;
    return unavailable(advice, text, thrown);
  }
  if (isBusy(thrown)) {
    const advice = `another connection has the lock of the SQLite file "${path}" for longer than the database waits; roll back, and begin another if the term goes on; let the database wait, for example by PRAGMA busy_timeout = 5000`;
    return unavailable(advice, text, thrown);
  }
  return sqliteFailure(thrown, path, "no");
}

function unavailable(advice: string, text: string, cause: unknown): StoreError {
  const message = `The transaction cannot be fenced: ${advice} (${text}).`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause, applied: "no" });
}

function onlyReading(client: FencedDatabase): IncumbentError {
  const rule =
    "must be able to write to the file of the elections, although a fence changes nothing";
  return isQueryOnly(client)
    ? refused(`${rule}, and has PRAGMA query_only set`, client, "PRAGMA query_only = OFF")
    : refused(
        `${rule}, and was opened or attached for reading only`,
        client,
        "new Database(path) without an option for reading only, and ATTACH without mode=ro",
      );
}

function isQueryOnly(client: unknown): boolean {
  if (!isDatabase(client)) return false;
  const statement = client.prepare("SELECT 1 FROM pragma_query_only WHERE query_only");
  try {
    return (statement.get() ?? undefined) !== undefined;
  } finally {
    statement.finalize?.();
  }
}

export function refused(rule: string, value: unknown, example: string): IncumbentError {
  return invalid({ name: "database", rule, value, example });
}
