import { builtin } from "../../builtin.ts";
import { type IncumbentError, isIncumbentError } from "../../errors.ts";
import { type FencedTerm, requireCurrent, superseded } from "../../fenced-term.ts";
import { invalid } from "../../input.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";
import { sqliteFailure } from "./sqlite-errors.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { electionsIn } from "./sqlite-schema.ts";

/** What is used of a database of yours: `node:sqlite`, `better-sqlite3` and `bun:sqlite` have it. */
export interface FencedDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): unknown;
}

/**
 * Throws unless the term goes on. Otherwise no process is elected until the transaction of `client` has ended, since
 * it has the lock of the elections until then. Waits for nothing but that lock, as long as `client` does.
 */
export function fence(client: FencedDatabase, term: FencedTerm, file: SqliteFile): void {
  requireCurrent(term);
  const { path } = file;
  try {
    const database = checkLibrary(client, file.openToWrite());
    const schema = schemaOf(database, file.realPath, path);
    if (!isInTransaction(database)) throw refused("must have a transaction open", database, BEGIN);
    const elections = electionsIn(schema);
    // A lock to read would let a successor be elected between this check and the commit.
    database.exec(elections.lock);
    if (!file.isLockedByAnother()) throw replaced(database, path);
    // The lock may have been waited for.
    requireCurrent(term);
    const row = first(database, elections.findTerm, term.key, term.token);
    if (row === undefined) throw superseded(term);
  } catch (error) {
    throw isIncumbentError(error) ? error : sqliteFailure(error, path, "no");
  }
}

const BEGIN = 'database.exec("BEGIN IMMEDIATE") before it';

function checkLibrary(client: FencedDatabase, own: SqliteDatabase): SqliteDatabase {
  const isOfSame = Object.prototype.isPrototypeOf.call(Object.getPrototypeOf(own), client);
  if (isOfSame) return client as SqliteDatabase; // Made by the same class as ours.
  throw refused(
    "must be an open database of the SQLite library that the store uses, because the locks of two libraries in one process do not exclude each other",
    client,
    "new SqliteStore(path, { library: Database }), where Database is the class that you open yours with",
  );
}

/** Under which name the connection has the file of the elections. */
function schemaOf(database: SqliteDatabase, realPath: string, path: string): string {
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
function isInTransaction(database: SqliteDatabase): boolean {
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

function first(database: SqliteDatabase, sql: string, ...values: (string | number)[]): unknown {
  const statement = database.prepare(sql);
  try {
    return statement.get(...values) ?? undefined;
  } finally {
    statement.finalize?.();
  }
}

/** The lock that the transaction has keeps no process out that uses the path now. */
function replaced(database: SqliteDatabase, path: string): IncumbentError {
  const rule = `must have the file of the elections open that is at "${path}" now, which was replaced since it was attached`;
  return refused(rule, database, "close the database, and open and attach again");
}

function refused(rule: string, value: unknown, example: string): IncumbentError {
  return invalid({ name: "database", rule, value, example });
}
