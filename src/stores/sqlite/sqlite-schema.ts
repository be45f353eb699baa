import { StoreError } from "../../errors.ts";
import { fromText, toText } from "../stored-text.ts";
import type { SqliteDatabase, SqliteStatement } from "./sqlite-client.ts";

/** `INCB`: in the header of the file, so that it is known from other databases. */
const APPLICATION_ID = 0x494e4342;

/** Raised with every change of the table that an older version could not read. */
const FORMAT = 1;

// A row stays for ever, since it has the token. Times are in µs, see `Stamp`; ttl and since in ms.
// Revisions count what watchers are notified of, in the whole file; a renewal keeps the one it has.
const CREATE = `
  CREATE TABLE elections (
    key TEXT NOT NULL PRIMARY KEY,
    nonce TEXT NOT NULL,
    node_id TEXT NOT NULL,
    metadata TEXT,
    token INTEGER NOT NULL,
    since INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    ends_monotonic INTEGER,
    ends_boot INTEGER NOT NULL,
    boot_resolution INTEGER NOT NULL,
    revision INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX elections_by_revision ON elections (revision);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/** Changes nothing, but is a commit. */
export const TOUCH = `PRAGMA user_version = ${FORMAT}`;

/** The statements of a fence on a connection that has the file attached under this name. */
export function electionsIn(schema: string): { readonly lock: string; readonly findTerm: string } {
  const table = `"${schema.replaceAll('"', '""')}".elections`;
  return {
    // Changes nothing, and has the lock to write until the transaction ends.
    lock: `DELETE FROM ${table} WHERE 0`,
    findTerm: `SELECT 1 FROM ${table} WHERE key = ? AND token = ? AND nonce <> ''`,
  };
}

/** An election, as the file has it. */
export interface Row {
  readonly key: string;
  /** Empty once the lease was released. */
  readonly nonce: string;
  readonly node_id: string;
  readonly metadata: string | null;
  readonly token: number;
  readonly since: number;
  readonly ttl: number;
  readonly boot_id: string;
  readonly ends_monotonic: number | null;
  readonly ends_boot: number;
  readonly boot_resolution: number;
  readonly revision: number;
}

/** The statements on an open file. */
export class Elections {
  readonly #find: SqliteStatement;
  readonly #save: SqliteStatement;
  readonly #revision: SqliteStatement;
  readonly #changed: SqliteStatement;

  constructor(database: SqliteDatabase) {
    this.#find = database.prepare("SELECT * FROM elections WHERE key = ?");
    this.#save = database.prepare("REPLACE INTO elections VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
    this.#revision = database.prepare("SELECT max(revision) AS revision FROM elections");
    this.#changed = database.prepare("SELECT key, nonce FROM elections WHERE revision > ?");
  }

  find(key: string): Row | undefined {
    const row = this.#find.get(toText(key)) as Row | null | undefined; // The format was checked.
    if (row === undefined || row === null) return undefined;
    const metadata = row.metadata === null ? null : fromText(row.metadata);
    return { ...row, key, node_id: fromText(row.node_id), metadata };
  }

  save(row: Row): void {
    this.#save.run(
      toText(row.key),
      row.nonce,
      toText(row.node_id),
      row.metadata === null ? null : toText(row.metadata),
      row.token,
      row.since,
      row.ttl,
      row.boot_id,
      row.ends_monotonic,
      row.ends_boot,
      row.boot_resolution,
      row.revision,
    );
  }

  /** Of the last change that watchers are notified of; 0 before the first. */
  lastRevision(): number {
    const { revision } = this.#revision.get() as { revision: number | null }; // max() gives one row.
    return revision ?? 0;
  }

  changedSince(revision: number): Pick<Row, "key" | "nonce">[] {
    const rows = this.#changed.all(revision) as Pick<Row, "key" | "nonce">[]; // As selected.
    return rows.map(({ key, nonce }) => ({ key: fromText(key), nonce }));
  }

  finalize(): void {
    for (const statement of [this.#find, this.#save, this.#revision, this.#changed]) {
      statement.finalize?.();
    }
  }
}

/**
 * Whether the file is still empty; throws if it belongs to another application. Writes nothing. To be called in
 * a transaction, or another process could create the table between one look and the next.
 */
export function isNew(database: SqliteDatabase, path: string): boolean {
  const application = readNumber(database, "PRAGMA application_id");
  const format = readNumber(database, "PRAGMA user_version");
  if (application === APPLICATION_ID && format === FORMAT) return false;
  const objects = readNumber(database, "SELECT count(*) FROM sqlite_master");
  if (application === 0 && format === 0 && objects === 0) return true;
  throw new StoreError(
    "INCUMBENT_STORE_MISCONFIGURED",
    application === APPLICATION_ID
      ? `The SQLite file "${path}" has format ${format}, and this version of incumbent knows format ${FORMAT}. Use the same version everywhere, or give another path.`
      : `The SQLite file "${path}" is the database of something else. Give the elections a file of their own.`,
    { applied: "no" },
  );
}

/** Creates the table, unless another process came first. */
export function create(database: SqliteDatabase, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  if (isNew(database, path)) database.exec(CREATE);
  database.exec("COMMIT");
}

function readNumber(database: SqliteDatabase, sql: string): number {
  const statement = database.prepare(sql);
  try {
    const row = statement.get() as Record<string, number>; // Each of these gives one number.
    return Object.values(row)[0] ?? 0;
  } finally {
    statement.finalize?.();
  }
}
