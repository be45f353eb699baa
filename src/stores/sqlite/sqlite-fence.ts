import type { IncumbentError } from "../../errors.ts";
import { type FencedTerm, requireCurrent, superseded } from "../../fenced-term.ts";
import { toText } from "../stored-text.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";
import {
  checkLibrary,
  explained,
  type FencedDatabase,
  isInTransaction,
  openOwn,
  refused,
  schemaOf,
  takeLock,
} from "./sqlite-fenced-database.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { electionsIn } from "./sqlite-schema.ts";

/**
 * Throws unless the term goes on. Otherwise no process is elected until the transaction of `client` has ended, since
 * it has the lock of the elections until then. Waits for nothing but that lock, as long as `client` does.
 */
export function fence(client: FencedDatabase, term: FencedTerm, file: SqliteFile): void {
  requireCurrent(term);
  const { path } = file;
  try {
    const database = checkLibrary(client, openOwn(client, file));
    const schema = schemaOf(database, file.realPath, path);
    if (!isInTransaction(database)) throw refused("must have a transaction open", database, BEGIN);
    // A lock to read would let a successor be elected between this check and the commit.
    takeLock(database, schema);
    if (!file.isLockedByAnother()) throw replaced(database, path);
    // The lock may have been waited for.
    requireCurrent(term);
    const row = first(database, electionsIn(schema).findTerm, toText(term.key), term.token);
    if (row === undefined) throw superseded(term);
  } catch (error) {
    throw explained(error, client, path);
  }
}

const BEGIN = 'database.exec("BEGIN IMMEDIATE") before it';

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
