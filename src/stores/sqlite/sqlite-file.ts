import { basename, dirname, join } from "node:path";
import { builtin } from "../../builtin.ts";
import { isIncumbentError } from "../../errors.ts";
import type { Applied } from "../lease-store.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";
import { concernsOneRequest, isBusy, sqliteFailure } from "./sqlite-errors.ts";
import { areSame, filesAt, refuseSeveralNames } from "./sqlite-identity.ts";
import {
  type Connection,
  disconnect,
  isLocked,
  type Opening,
  openForReading,
  openForWriting,
} from "./sqlite-open.ts";
import type { Elections } from "./sqlite-schema.ts";

export interface SqliteFileSetup extends Opening {
  /** Called whenever the file was opened, also again. */
  readonly onOpen: () => void;
}

/** All that this process has open. */
const openFiles = new Set<SqliteFile>();

/**
 * At the end of the process, SQLite's libraries close what was left open, and take the log away without
 * a sign that nothing is missing.
 */
function closeAll(): void {
  for (const file of openFiles) file.close();
}

/** The file of the elections: opened by the first request, and again after it was closed. */
export class SqliteFile {
  readonly #setup: SqliteFileSetup;
  #connection: Connection | undefined;
  /** Whether commits of ours may be missing when the file is opened again. */
  #forgotten = false;

  constructor(setup: SqliteFileSetup) {
    this.#setup = setup;
  }

  /** Absolute, and as it was given otherwise. */
  get path(): string {
    return this.#setup.path;
  }

  /** The path without links: SQLite's other files are beside it. */
  get realPath(): string {
    const { path } = this.#setup;
    if (filesAt(path) !== undefined) return builtin.fs.realpathSync.native(path);
    return join(builtin.fs.realpathSync.native(dirname(path)), basename(path));
  }

  /**
   * Reads outside a transaction: one statement sees one state. Makes nothing; nothing is the answer
   * where there are no elections yet.
   */
  read<T>(work: (elections: Elections) => T): T | undefined {
    try {
      this.#leaveReplaced();
      const connection = this.#connection ?? this.#use(openForReading(this.#setup));
      return connection && work(connection.elections);
    } catch (error) {
      throw this.#failure(error, "no");
    }
  }

  /**
   * Decisions in their order, alone among all processes. One that throws leaves no trace, and the others
   * count; each writes at most once, so there is never a part of one. Throws if none of them counts.
   */
  transaction<T>(decisions: readonly ((elections: Elections) => T)[]): PromiseSettledResult<T>[] {
    let committing = false;
    try {
      const { database, elections } = this.#begin();
      const outcomes = decisions.map((decide) => this.#outcomeOf(() => decide(elections)));
      committing = true;
      database.exec("COMMIT");
      return outcomes;
    } catch (error) {
      // What has reached the disk when a commit fails is unknown.
      throw this.#failure(error, committing ? "maybe" : "no");
    }
  }

  /** Opens the files that are at the path now, unless they are open. */
  openToWrite(): SqliteDatabase {
    try {
      this.#leaveReplaced();
      return this.#writing().database;
    } catch (error) {
      throw this.#failure(error, "no");
    }
  }

  /** Whether another connection may write these files at this moment, and none besides. */
  isLockedByAnother(): boolean {
    const database = this.openToWrite();
    try {
      return isLocked(database);
    } catch (error) {
      throw this.#failure(error, "no");
    }
  }

  #outcomeOf<T>(decide: () => T): PromiseSettledResult<T> {
    try {
      return { status: "fulfilled", value: decide() };
    } catch (error) {
      if (!concernsOneRequest(error)) throw error;
      return { status: "rejected", reason: this.#described(error, "no") };
    }
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    openFiles.delete(this);
    if (openFiles.size === 0) process.off("exit", closeAll);
    if (connection !== undefined) disconnect(connection);
  }

  /**
   * Looks at the files once more when the lock is had: a lock on files that were removed keeps no other
   * process out. If they are removed after that, the process that opens the file next waits for a ttl, which ends
   * after our trust in this request.
   */
  #begin(): Connection {
    for (;;) {
      this.#leaveReplaced();
      const connection = this.#writing();
      connection.database.exec("BEGIN IMMEDIATE");
      if (areSame(connection.files, filesAt(this.#setup.path))) return connection;
      connection.database.exec("ROLLBACK");
    }
  }

  #writing(): Connection {
    if (this.#connection?.writing === true) return this.#connection;
    this.close();
    const connection = openForWriting(this.#setup, this.#forgotten);
    this.#forgotten = false;
    return this.#use(connection);
  }

  #use<Opened extends Connection | undefined>(connection: Opened): Opened {
    if (connection === undefined) return connection;
    this.#connection = connection;
    if (openFiles.size === 0) process.on("exit", closeAll);
    openFiles.add(this);
    this.#setup.onOpen();
    return connection;
  }

  /**
   * Files that were removed or replaced go on for those who have them open: they would elect a leader of
   * their own beside the one in the new files.
   */
  #leaveReplaced(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { path } = this.#setup;
    const now = filesAt(path);
    if (now !== undefined) refuseSeveralNames(path, now);
    if (areSame(connection.files, now)) return;
    // Another main file has a memory of its own. The same one without our log has lost a part of it.
    if (connection.writing && now?.main === connection.files.main) this.#forgotten = true;
    // SQLite gives all connections of a process the same index: all have to let go of an old one.
    for (const file of openFiles) {
      const files = file.#connection?.files;
      if (files?.main === connection.files.main && !areSame(files, now)) file.close();
    }
  }

  #failure(error: unknown, applied: Applied): unknown {
    const busy = isBusy(error);
    try {
      this.#connection?.database.exec("ROLLBACK");
    } catch {
      // No transaction was open; and of two errors the first says more.
    }
    try {
      // Whatever is wrong with this connection, a new one may be better: the disk came back, the file
      // was replaced.
      if (!busy) this.close();
    } catch {
      // As above.
    }
    return this.#described(error, busy ? "no" : applied);
  }

  #described(error: unknown, applied: Applied): unknown {
    return isIncumbentError(error) ? error : sqliteFailure(error, this.#setup.path, applied);
  }
}
