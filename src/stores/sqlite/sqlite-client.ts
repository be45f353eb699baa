import { IncumbentError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { optionalPackage } from "../../optional-package.ts";

export type SqliteValue = string | number | null;

/** What is used of a prepared statement; `node:sqlite`, `better-sqlite3` and `bun:sqlite` have it. */
export interface SqliteStatement {
  /** The first row; `undefined` or `null` where there is none. */
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
  run(...values: SqliteValue[]): unknown;
  /** Only Bun has it, and there a file stays open while it was not called. */
  finalize?(): void;
}

/** What is used of an open database. */
export interface SqliteDatabase {
  /** Only `better-sqlite3` and Bun have it. */
  readonly inTransaction?: boolean;
  /** Only `node:sqlite` has it, from Node.js 22.16 on. */
  readonly isTransaction?: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** Opens a file. Only to read, it creates nothing and changes nothing. */
export type OpenDatabase = (path: string, readOnly?: boolean) => SqliteDatabase;

type DatabaseClass = new (path: string, options?: object) => SqliteDatabase;

/**
 * The class of an SQLite library: `DatabaseSync` of `node:sqlite`, that of `better-sqlite3`, or `Database` of
 * `bun:sqlite`.
 */
// Their options differ, and each may be more exact about its own.
export type SqliteLibrary = new (path: string, options?: never) => object;

interface Library {
  readonly Database: DatabaseClass;
  /** The option that opens it for reading only. */
  readonly readOnly: object;
}

/**
 * The SQLite library that was given, or that of this runtime: `bun:sqlite` under Bun, `node:sqlite` under Node.js
 * 22.13 and later and Deno, and otherwise the package `better-sqlite3`.
 *
 * @throws `INCUMBENT_MISSING_PACKAGE` where there is none; `INCUMBENT_INVALID_OPTION` for what is none.
 */
export function loadSqlite(given?: SqliteLibrary): OpenDatabase {
  // Not imported: which of them exists depends on the runtime, and a constructor has to know at once.
  const { Database, readOnly } =
    given === undefined ? (bunSqlite() ?? nodeSqlite() ?? betterSqlite()) : libraryOf(given);
  return (path, onlyToRead = false) =>
    onlyToRead ? new Database(path, readOnly) : new Database(path);
}

function libraryOf(given: SqliteLibrary): Library {
  const methods: object | undefined = typeof given === "function" ? given.prototype : undefined;
  if (methods === undefined || !["exec", "prepare", "close"].every((name) => name in methods)) {
    throw invalid({
      name: "library",
      rule: "must be the class of an SQLite library that opens a file",
      value: given,
      example: 'DatabaseSync of "node:sqlite", or Database of "better-sqlite3"',
    });
  }
  // Each ignores, or refuses, the spelling of the other.
  const readOnly =
    "pragma" in methods || "query" in methods ? { readonly: true } : { readOnly: true };
  return { Database: given as DatabaseClass, readOnly }; // Its methods were looked for.
}

function bunSqlite(): Library | undefined {
  const { bun } = process.versions;
  if (bun === undefined) return undefined;
  const { Database } = optionalPackage("bun:sqlite") as { Database: DatabaseClass }; // As Bun documents it.
  return { Database, readOnly: { readonly: true } };
}

function nodeSqlite(): Library | undefined {
  const { emitWarning } = process;
  // Node.js 22 says at the first load that the module is experimental. What we use of it has not changed
  // since, and a library must not print. The load is synchronous, so no other warning is lost.
  process.emitWarning = () => {};
  try {
    // Nothing where the module is missing, or hidden behind a flag (22.5 to 22.12).
    const sqlite: object | undefined = process.getBuiltinModule("node:sqlite");
    if (sqlite === undefined) return undefined;
    const { DatabaseSync } = sqlite as { DatabaseSync: DatabaseClass }; // As documented.
    return { Database: DatabaseSync, readOnly: { readOnly: true } };
  } finally {
    process.emitWarning = emitWarning;
  }
}

let checkedBetterSqlite: Library | undefined;

function betterSqlite(): Library {
  if (checkedBetterSqlite !== undefined) return checkedBetterSqlite;
  const Database = requireBetterSqlite();
  try {
    // The native part is only loaded by the first database, and is what installations lack: package
    // managers that run no install scripts leave it out.
    new Database(":memory:").close();
  } catch (cause) {
    throw new IncumbentError(
      "INCUMBENT_MISSING_PACKAGE",
      'The package "better-sqlite3" is installed, but its native part does not load. Run "npm rebuild better-sqlite3", or use Node.js 22.13 or later, which has SQLite built in.',
      { cause },
    );
  }
  checkedBetterSqlite = { Database, readOnly: { readonly: true } };
  return checkedBetterSqlite;
}

function requireBetterSqlite(): DatabaseClass {
  const Database = optionalPackage("better-sqlite3") as DatabaseClass | undefined; // As documented.
  if (Database !== undefined) return Database;
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    'SqliteStore needs an SQLite library. Run "npm install better-sqlite3", or use Node.js 22.13 or later, which has one built in.',
  );
}
