import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { builtin } from "../../builtin.ts";
import { StoreError } from "../../errors.ts";

const READ_AND_WRITE = 0o666;
const OTHERS = 0o077;
const STICKY = 0o1000;

/** Throws if the directory of the file is missing. It is not made: its name may be a mistake. */
export function requireDirectory(path: string): void {
  const directory = dirname(path);
  if (builtin.fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new StoreError(
    "INCUMBENT_STORE_MISCONFIGURED",
    `The directory "${directory}" of the SQLite file "${path}" does not exist. Create it, or give another path.`,
    { applied: "no" },
  );
}

/**
 * Makes an empty file, unless another process was faster. Users who may write in the directory may
 * write the file: they could replace it anyway, and an election among several users needs it, whatever
 * the umask of the first is. SQLite gives the files beside it the same rights.
 */
export function createFile(path: string): void {
  let descriptor: number;
  try {
    descriptor = builtin.fs.openSync(path, "wx", 0o644);
  } catch (error) {
    if (builtin.fs.statSync(path, { throwIfNoEntry: false }) !== undefined) return;
    throw error;
  }
  builtin.fs.closeSync(descriptor);
  const shared = sharedRights(dirname(path));
  if (shared !== 0) builtin.fs.chmodSync(path, (builtin.fs.statSync(path).mode & 0o777) | shared);
}

/** What the directory allows others; in one like `/tmp` they may not replace a file of ours. */
function sharedRights(directory: string): number {
  const { mode } = builtin.fs.statSync(directory);
  if ((mode & STICKY) !== 0) return 0;
  const group = (mode & 0o020) === 0 ? 0 : 0o070;
  const world = (mode & 0o002) === 0 ? 0 : 0o007;
  return (group | world) & READ_AND_WRITE & OTHERS;
}

/** Which file this process may not write, whose it is and with which mode; nothing if it may write all. */
export function describeRefusal(path: string): string {
  for (const place of [path, `${path}-wal`, `${path}-shm`, dirname(path)]) {
    const status = statusOf(place);
    if (status === undefined || isWritable(place)) continue;
    const { uid, gid, mode } = status;
    const rights = (mode & 0o7777).toString(8).padStart(4, "0");
    return `; "${place}" belongs to user ${uid} and group ${gid} with mode ${rights}, and this process is user ${process.geteuid?.()}`;
  }
  return "";
}

function statusOf(place: string): Stats | undefined {
  try {
    return builtin.fs.statSync(place);
  } catch {
    // Missing, or in a directory that this user may not enter, which is a place of its own.
    return undefined;
  }
}

function isWritable(place: string): boolean {
  try {
    builtin.fs.accessSync(place, builtin.fs.constants.R_OK | builtin.fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
