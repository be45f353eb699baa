import { dirname } from "node:path";
import { builtin } from "../../builtin.ts";
import { type Check, error, note, ok, type Verdict, warning } from "../diagnosis.ts";
import { describeRefusal, requireDirectory } from "./sqlite-access.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { type FileSystemOf, sharedFileSystemOf } from "./sqlite-place.ts";

/** With less room than this, in bytes, the log may soon be unable to grow. */
const LITTLE_ROOM = 10 * 1024 * 1024;

/** What is looked at in one file. Nothing is made where there is none. */
export function sqliteChecks(file: SqliteFile, fileSystemOf: FileSystemOf): Check[] {
  const { path } = file;
  return [
    { name: "reachable", isVital: true, run: () => look(file) },
    { name: "rights", run: () => rightsTo(path) },
    { name: "place", run: () => placeOf(path, fileSystemOf) },
    { name: "disk", isBrief: true, run: () => roomFor(path) },
  ];
}

/** Throws what is wrong with the file, and says what to do. */
function look(file: SqliteFile): Verdict[] {
  const { path } = file;
  requireDirectory(path);
  if (!builtin.fs.existsSync(path)) {
    return [
      note(`The file "${path}" does not exist yet. The first candidate that starts creates it.`),
    ];
  }
  const count = file.read((elections) => elections.changedSince(0).length) ?? 0;
  return [ok(`The file "${path}" has ${count === 1 ? "1 election" : `${count} elections`}.`)];
}

function rightsTo(path: string): Verdict[] {
  const refusal = describeRefusal(path).replace(/^; /, "");
  if (refusal === "") return [ok("This user may write the file and its directory.")];
  return [
    error(
      `No election by this process: ${refusal}.`,
      "Let this user write the file and its directory.",
    ),
  ];
}

function placeOf(path: string, fileSystemOf: FileSystemOf): Verdict[] {
  const shared = sharedFileSystemOf(path, fileSystemOf);
  if (shared !== undefined) {
    const says = `The file is on ${shared}: if another machine uses it too, both can get the lease.`;
    return [warning(says, "Move it to a disk of this machine, or use a server between machines.")];
  }
  return [ok("The file is on a disk of this machine.")];
}

function roomFor(path: string): Verdict[] {
  const { bavail, bsize } = builtin.fs.statfsSync(dirname(path));
  const room = bavail * bsize;
  if (room >= LITTLE_ROOM) return [ok("The disk has room.")];
  const says = `The disk has ${Math.floor(room / 1024)} KiB left; when it is full, no lease is granted or renewed.`;
  return [warning(says, "Make room.")];
}
