import type { Stats } from "node:fs";
import { builtin } from "../../builtin.ts";
import { StoreError } from "../../errors.ts";

/** Which files a path leads to at this moment. Two of them are equal only if all of their files are. */
export interface Files {
  /** Without links, as SQLite takes it: its other files are beside it. */
  readonly real: string;
  readonly main: string;
  /** The log that commits go to; empty if it is missing, or has nothing in it yet. */
  readonly log: string;
  /** The index of the log, where the locks are; empty if it is missing. */
  readonly index: string;
  /** How many names the main file has. */
  readonly names: number;
  readonly logExists: boolean;
}

/**
 * What the path leads to; nothing where no file is.
 *
 * By asking for the status, and never by opening: closing any descriptor of a file drops all the locks
 * that SQLite has on it in this process.
 */
export function filesAt(path: string): Files | undefined {
  const status = builtin.fs.statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const real = builtin.fs.realpathSync.native(path);
  const log = builtin.fs.statSync(`${real}-wal`, { throwIfNoEntry: false });
  const index = builtin.fs.statSync(`${real}-shm`, { throwIfNoEntry: false });
  return {
    real,
    main: identityOf(status),
    log: log === undefined || log.size === 0 ? "" : identityOf(log),
    index: index === undefined ? "" : identityOf(index),
    names: status.isFile() ? status.nlink : 1,
    logExists: log !== undefined,
  };
}

/** Whether who has `before` open, and who opens the path now, work on the same files. */
export function areSame(before: Files, now: Files | undefined): boolean {
  return (
    now !== undefined &&
    now.real === before.real &&
    now.main === before.main &&
    now.log === before.log &&
    now.index === before.index
  );
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * Throws if the file can be reached under another name: SQLite keeps its log beside the name, so those
 * who use the other one have a log, and a leader, of their own.
 */
export function refuseSeveralNames(path: string, { names }: Files): void {
  if (names <= 1) return;
  throw misplaced(
    `The SQLite file "${path}" has ${names} names (hard links), and each of them would elect a leader of its own. Remove the others ("find DIRECTORY -samefile ${path}" finds them), or give another path.`,
  );
}

/** The same for a file that was mounted by itself, as into a container. */
export function refuseMountedFile(path: string, { real }: Files): void {
  if (!mountPoints().includes(real)) return;
  throw misplaced(
    `The SQLite file "${path}" is mounted by itself, and outside of the mount another leader would be elected. Mount its directory instead.`,
  );
}

function misplaced(message: string): StoreError {
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no" });
}

function mountPoints(): string[] {
  try {
    return mountPointsIn(builtin.fs.readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    // Not Linux: nothing is known.
    return [];
  }
}

/** The fifth field of each line; the kernel writes a space as `\040`. */
export function mountPointsIn(mountInfo: string): string[] {
  return mountInfo.split("\n").map((line) => {
    const field = line.split(" ")[4] ?? "";
    // The kernel escapes bytes, so that a name in UTF-8 comes through as it is.
    return field.replace(/\\([0-7]{3})/g, (_all, code) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
  });
}
