import { builtin } from "../../builtin.ts";
import { StoreError } from "../../errors.ts";
import { createFile, requireDirectory } from "./sqlite-access.ts";
import type { OpenDatabase, SqliteDatabase } from "./sqlite-client.ts";
import { isBusy } from "./sqlite-errors.ts";
import {
  areSame,
  type Files,
  filesAt,
  refuseMountedFile,
  refuseSeveralNames,
} from "./sqlite-identity.ts";
import { create, Elections, isNew, TOUCH } from "./sqlite-schema.ts";

/** How long a request waits for another process, in ms. The event loop waits with it. */
const BUSY_TIMEOUT = 100;

/** How long between two looks at a log that another process is about to begin, in ms. */
const LOOK_AGAIN = 2;

export interface Connection {
  readonly database: SqliteDatabase;
  readonly elections: Elections;
  readonly writing: boolean;
  /** Which files it has open, whatever the path leads to by now. */
  readonly files: Files;
}

export interface Opening {
  /** Absolute. */
  readonly path: string;
  readonly open: OpenDatabase;
  /** Throws where the file must not be opened. */
  readonly check: () => void;
  /** Called in a transaction before any other if commits may have been lost. */
  readonly onLoss: (elections: Elections) => void;
}

/** Opens the file for requests that write, and makes it where it is missing. */
export function openForWriting(opening: Opening, forgotten: boolean): Connection {
  const { path, open, check, onLoss } = opening;
  check();
  requireDirectory(path);
  createFile(path);
  const before = usableFiles(path);
  if (before === undefined) throw replaced(path);
  return connected(open(path), (database) => {
    const { empty, wasOpen } = stateOf(database, path);
    // Before there is a log, so that a file without one is never taken for a new file.
    if (empty) create(database, path);
    useWal(database);
    // Not forced to the disk at each commit: what a power loss takes away are leases of processes
    // that it ended, too, and tokens, which go on by the wall clock.
    database.exec("PRAGMA synchronous = NORMAL");
    const lost = forgotten || (wasOpen && !hasItsLog(path, before));
    begin(database, lost ? onLoss : () => {});
    const files = filesInUse(path, before);
    return { database, elections: new Elections(database), writing: true, files };
  });
}

/**
 * Opens the file for requests that only look. Makes nothing, not even the files that SQLite needs beside
 * it, since they would belong to this user; nothing where there are no elections yet.
 */
export function openForReading({ path, open, check }: Opening): Connection | undefined {
  check();
  requireDirectory(path);
  const files = usableFiles(path);
  if (files === undefined) return undefined;
  if (!isComplete(files)) throw incomplete(path);
  return connected(open(path, true), (database) => {
    if (stateOf(database, path).empty) {
      database.close();
      return undefined;
    }
    return { database, elections: new Elections(database), writing: false, files };
  });
}

/**
 * Lets go of the files. The last that has them open leaves the file without a log, which shows that
 * nothing is missing when it is opened next. Not if the files were replaced: those at the path belong
 * to others by now.
 */
export function disconnect({ database, elections, writing, files }: Connection): void {
  try {
    if (writing && areSame(files, filesAt(files.real))) leaveWal(database);
  } catch {
    // Others have it open, or a transaction has failed.
  }
  elections.finalize();
  database.close();
}

/** Whether another connection has the lock to write. Does not wait for it. */
export function isLocked(database: SqliteDatabase): boolean {
  database.exec("PRAGMA busy_timeout = 0");
  try {
    database.exec("BEGIN IMMEDIATE");
    database.exec("ROLLBACK");
    return false;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return true;
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  }
}

function leaveWal(database: SqliteDatabase): void {
  database.exec("PRAGMA busy_timeout = 0");
  database.exec("PRAGMA journal_mode = DELETE");
}

function usableFiles(path: string): Files | undefined {
  const files = filesAt(path);
  if (files === undefined) return undefined;
  refuseSeveralNames(path, files);
  refuseMountedFile(path, files);
  return files;
}

function connected<T>(database: SqliteDatabase, prepare: (database: SqliteDatabase) => T): T {
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    return prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Whether there is no table yet, and whether a process has it open: the last that
 * closes it takes it out of the mode with a log.
 */
function stateOf(database: SqliteDatabase, path: string): { empty: boolean; wasOpen: boolean } {
  database.exec("BEGIN");
  const empty = isNew(database, path);
  database.exec("COMMIT");
  const statement = database.prepare("PRAGMA journal_mode");
  const mode = statement.get() as { journal_mode: string }; // As SQLite documents it.
  statement.finalize?.();
  return { empty, wasOpen: mode.journal_mode === "wal" };
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
 * Whether a file that a process has open has the log that goes with it. Another
 * process may be about to write the first commit into it.
 */
function hasItsLog(path: string, before: Files): boolean {
  if (before.log !== "" && before.index === "") return false;
  const attempts = BUSY_TIMEOUT / LOOK_AGAIN;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if ((filesAt(path)?.log ?? "") !== "") return true;
    pause(LOOK_AGAIN);
  }
  return false;
}

/** The first commit makes a log, which shows those who come later that nothing is missing. */
function begin(database: SqliteDatabase, onLoss: Opening["onLoss"]): void {
  database.exec("BEGIN IMMEDIATE");
  database.exec(TOUCH);
  const elections = new Elections(database);
  onLoss(elections);
  elections.finalize();
  database.exec("COMMIT");
}

/**
 * Which files SQLite has opened is known only if they were there all the time. Without an index in its
 * place, another part of this process still holds the one that was removed.
 */
function filesInUse(path: string, before: Files): Files {
  const files = filesAt(path);
  if (files === undefined || files.log === "" || files.index === "") throw replaced(path);
  if (files.main !== before.main || files.real !== before.real) throw replaced(path);
  return files;
}

/** Both of the files beside it, or neither and no need of them. */
function isComplete(files: Files): boolean {
  if (files.logExists !== (files.index !== "")) return false;
  return files.logExists || !needsLog(files.real);
}

/**
 * By reading the header: SQLite would make the log. To close the file drops no lock of this process,
 * which cannot have it open while it has no log.
 */
function needsLog(path: string): boolean {
  const header = Buffer.alloc(20);
  const descriptor = builtin.fs.openSync(path, "r");
  try {
    builtin.fs.readSync(descriptor, header, 0, header.length, 0);
  } finally {
    builtin.fs.closeSync(descriptor);
  }
  // The version that a reader has to know: 2 for a write-ahead log.
  return header[19] === 2;
}

function incomplete(path: string): StoreError {
  return new StoreError(
    "INCUMBENT_STORE_UNAVAILABLE",
    `The SQLite file "${path}" lacks its -wal or -shm file, so what it says of the leader is in doubt until a leader or a candidate makes them again. Do not remove them.`,
    { applied: "no" },
  );
}

function replaced(path: string): StoreError {
  return new StoreError(
    "INCUMBENT_STORE_UNAVAILABLE",
    `The SQLite file "${path}" or the -wal or -shm file beside it was replaced while it was opened; it is opened again at the next request.`,
    { applied: "no" },
  );
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
