import { StoreError } from "../../errors.ts";
import type { Applied } from "../lease-store.ts";
import { describeRefusal } from "./sqlite-access.ts";

interface Kind {
  readonly number: number;
  readonly name: string;
  /** How SQLite itself puts it. */
  readonly text: string;
  readonly code: "INCUMBENT_STORE_UNAVAILABLE" | "INCUMBENT_STORE_MISCONFIGURED";
  /** What is wrong and what to do, as the rest of a sentence that begins with the file. */
  readonly advice: string;
  /** Whether it may be for want of rights on a file. */
  readonly rights?: boolean;
}

const kinds: readonly Kind[] = [
  {
    number: 5,
    name: "BUSY",
    text: "database is locked",
    code: "INCUMBENT_STORE_UNAVAILABLE",
    advice: "is locked by another process; give the elections a file of their own",
  },
  {
    number: 6,
    name: "LOCKED",
    text: "database table is locked",
    code: "INCUMBENT_STORE_UNAVAILABLE",
    advice: "is locked by this process; give the elections a file of their own",
  },
  {
    number: 15,
    name: "PROTOCOL",
    text: "locking protocol",
    code: "INCUMBENT_STORE_UNAVAILABLE",
    advice: "is locked by too many processes at once",
  },
  {
    number: 10,
    name: "IOERR",
    text: "disk I/O error",
    code: "INCUMBENT_STORE_UNAVAILABLE",
    advice: "could not be read or written; check the disk",
  },
  {
    number: 13,
    name: "FULL",
    text: "database or disk is full",
    code: "INCUMBENT_STORE_UNAVAILABLE",
    advice: "could not grow; make room on the disk",
  },
  {
    number: 18,
    name: "TOOBIG",
    text: "string or blob too big",
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice: "cannot keep a text of this size",
  },
  {
    number: 8,
    name: "READONLY",
    text: "attempt to write a readonly database",
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice: "cannot be written; let this user write the file and its directory",
    rights: true,
  },
  {
    number: 14,
    name: "CANTOPEN",
    text: "unable to open database file",
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice: "cannot be opened; it must be a file in a directory that this user may write",
    rights: true,
  },
  {
    number: 26,
    name: "NOTADB",
    text: "file is not a database",
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice: "is not an SQLite database; give another path",
  },
  {
    number: 11,
    name: "CORRUPT",
    text: "database disk image is malformed",
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "is damaged; stop every elector that uses it, wait one ttl, and delete it with its -wal and -shm files",
  },
];

/** A failure of SQLite as a `StoreError` that names the file and what to do. */
export function sqliteFailure(cause: unknown, path: string, applied: Applied): StoreError {
  const kind = kindOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  const advice = kind?.advice ?? "failed";
  const code = kind?.code ?? "INCUMBENT_STORE_UNAVAILABLE";
  const whose = kind?.rights === true ? describeRefusal(path) : "";
  const message = `The SQLite file "${path}" ${advice} (${text}${whose}).`;
  return new StoreError(code, message, { cause, applied });
}

/**
 * Whether it concerns one request alone: a row that is not ours, or a value that is too large. Of any other error,
 * such as one for want of memory, SQLite may have given up the transaction, and its lock.
 */
export function concernsOneRequest(error: unknown): boolean {
  const isOurs = [SyntaxError, TypeError, RangeError].some((kind) => error instanceof kind);
  return isOurs || kindOf(error)?.name === "TOOBIG";
}

/** Whether another connection has the lock, so that the same request may well succeed later. */
export function isBusy(error: unknown): boolean {
  return ["BUSY", "LOCKED", "PROTOCOL"].includes(kindOf(error)?.name ?? "");
}

/** Whether a transaction may not write because what it has read was written since. */
export function isSnapshotOld(error: unknown): boolean {
  return hasCode(error, 517, "SQLITE_BUSY_SNAPSHOT");
}

/** Whether the connection may only read, and not for want of something else that it needs to write. */
export function isReadOnly(error: unknown): boolean {
  return hasCode(error, 8, "SQLITE_READONLY");
}

/** With the detail that the code may have. */
function hasCode(error: unknown, number: number, name: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }; // Compared below.
  return errcode === number || code === name;
}

/** How the system itself refuses a file. */
const denials = ["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "ENAMETOOLONG"];

/**
 * `better-sqlite3` and Bun give the name as `code`, `node:sqlite` the number as `errcode`, and Deno at
 * times only the message (2.9, from `exec`).
 */
function kindOf(error: unknown): Kind | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }; // Looked at below.
  return kinds.find(
    ({ number, name, text }) =>
      // The number has the detail in its upper bits, the name behind its first word.
      (typeof errcode === "number" && (errcode & 0xff) === number) ||
      (typeof code === "string" && code.startsWith(`SQLITE_${name}`)) ||
      (typeof code === "string" && name === "CANTOPEN" && denials.includes(code)) ||
      error.message.startsWith(text),
  );
}
