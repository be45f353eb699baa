import { realpathSync, statSync } from "node:fs";
import { isIncumbentError } from "../../errors.ts";
import type { Applied } from "../lease-store.ts";
import type { OpenDatabase, SqliteDatabase } from "./sqlite-client.ts";
import { isBusy, sqliteFailure } from "./sqlite-errors.ts";
import { ensureDirectory } from "./sqlite-place.ts";
import { create, Elections, isNew } from "./sqlite-schema.ts";

/** How long a request waits for another process, in ms. The event loop waits with it. */
const BUSY_TIMEOUT = 100;

interface Connection {
  readonly database: SqliteDatabase;
  readonly elections: Elections;
  /** Which file it is, whatever the path leads to by now. */
  readonly identity: string;
}

export interface SqliteFileSetup {
  /** Absolute. */
  readonly path: string;
  readonly open: OpenDatabase;
  /** Throws where the file must not be opened. */
  readonly check: () => void;
  /** Called whenever the file was opened, also again. */
  readonly onOpen: () => void;
}

/** The file of the elections: opened by the first request, and again after it was closed. */
export class SqliteFile {
  readonly #setup: SqliteFileSetup;
  #connection: Connection | undefined;

  constructor(setup: SqliteFileSetup) {
    this.#setup = setup;
  }

  /** The path without links: SQLite's other files lie beside it. */
  get realPath(): string {
    return realpathSync(this.#setup.path);
  }

  /** Reads outside a transaction: one statement sees one state. */
  read<T>(work: (elections: Elections) => T): T {
    try {
      return work(this.#connect().elections);
    } catch (error) {
      throw this.#failure(error, "no");
    }
  }

  /** One decision: alone among all processes, and without a trace if it throws. */
  transaction<T>(work: (elections: Elections) => T): T {
    let committing = false;
    try {
      const { database, elections } = this.#connect();
      database.exec("BEGIN IMMEDIATE");
      const result = work(elections);
      committing = true;
      database.exec("COMMIT");
      return result;
    } catch (error) {
      // What has reached the disk when a commit fails, nobody knows.
      throw this.#failure(error, committing ? "maybe" : "no");
    }
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.elections.finalize();
    connection.database.close();
  }

  #failure(error: unknown, applied: Applied): unknown {
    const busy = isBusy(error);
    try {
      if (busy) this.#connection?.database.exec("ROLLBACK");
      // Whatever is wrong with this connection, a new one may be better: the disk came back, the file
      // was replaced. Closing rolls back, too.
      else this.close();
    } catch {
      // No transaction was open; and of two errors the first says more.
    }
    if (isIncumbentError(error)) return error;
    return sqliteFailure(error, this.#setup.path, busy ? "no" : applied);
  }

  #connect(): Connection {
    const { path, onOpen } = this.#setup;
    // A file that was deleted or replaced goes on for those who have it open: they would elect a leader
    // of their own beside the one in the new file.
    if (this.#connection !== undefined && this.#connection.identity !== identityOf(path)) {
      this.close();
    }
    if (this.#connection !== undefined) return this.#connection;
    const connection = this.#open();
    this.#connection = connection;
    onOpen();
    return connection;
  }

  #open(): Connection {
    const { path, open, check } = this.#setup;
    check();
    ensureDirectory(path);
    const database = open(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      database.exec("BEGIN");
      const empty = isNew(database, path);
      database.exec("COMMIT");
      useWal(database);
      // Not forced to the disk at each commit: what a power loss takes away are leases of processes
      // that it ended, too, and tokens, which go on by the wall clock.
      database.exec("PRAGMA synchronous = NORMAL");
      if (empty) create(database, path);
      return { database, elections: new Elections(database), identity: identityOf(path) };
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

/**
 * Readers then never wait. The change itself fails at once, without waiting, if several processes make
 * it at the same moment in a new file (8 % of openings, measured with 6 processes), so wait by a
 * transaction and repeat.
 */
function useWal(database: SqliteDatabase): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === 3) throw error;
      database.exec("BEGIN IMMEDIATE; ROLLBACK");
    }
  }
}

/**
 * By asking for its status, and never by opening it: closing any descriptor of a file drops all the
 * locks that SQLite has on it in this process.
 */
function identityOf(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? "" : `${status.dev}:${status.ino}`;
}
