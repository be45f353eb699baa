import { basename, dirname, resolve } from "node:path";
import { builtin } from "../../builtin.ts";
import { invalid, visibleName } from "../../input.ts";

/** Which file system a path is on, as `statfs` numbers it; nothing where that is not known. */
export type FileSystemOf = (path: string) => number | undefined;

const example = '"/var/lib/my-app/leader.db"';

/** The path made absolute. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkPath(path: unknown): string {
  const fail = (rule: string) => invalid({ name: "path", rule, value: path, example });
  if (typeof path !== "string" || path === "") throw fail("must be the path of a file");
  if (path === ":memory:") throw fail("must be a file; for this process alone use a MemoryStore");
  // Also so that the password of another store's address is not shown as a part of a file's name.
  if (/^(file|sqlite):|:\/\//.test(path)) throw fail("must be a plain path, not a URL");
  if (path.includes("\0")) throw fail("must not contain a NUL character");
  checkNames(resolve(path));
  return resolve(path);
}

/**
 * The names that opening would create: a file beside the intended one that looks the same would be
 * a second election. Folders that are there already may be called what they like.
 */
function checkNames(path: string): void {
  visibleName("path", basename(path), { min: 1, max: 255, example });
  const folder = dirname(path);
  if (folder !== path && !builtin.fs.existsSync(folder)) checkNames(folder);
}

// From the kernel's headers. On these, locks or shared memory do not reach the other machines that may
// have the file, or do so only in some set-ups.
const sharedFileSystems = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9P"],
  [0x65735546, "FUSE"],
  [0x73757245, "Coda"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x786f4256, "VirtualBox shared folders"],
  [0xbacbacbc, "VMware shared folders"],
]);

/** The name of the file system if other machines may have the file, too. */
export function sharedFileSystemOf(path: string, fileSystemOf: FileSystemOf): string | undefined {
  let place = path;
  while (!builtin.fs.existsSync(place) && dirname(place) !== place) place = dirname(place);
  return sharedFileSystems.get(fileSystemOf(place) ?? 0);
}

/** Throws `INCUMBENT_INVALID_OPTION` if other machines may have the file, too. */
export function refuseSharedFileSystem(path: string, fileSystemOf: FileSystemOf): void {
  const name = sharedFileSystemOf(path, fileSystemOf);
  if (name === undefined) return;
  throw invalid({
    name: "path",
    rule: `must be on a disk of this machine, and is on ${name}, where two machines could both get the lease; use Redis between machines, or set allowNetworkFileSystem if no other machine uses the file`,
    value: path,
    example,
  });
}

/** The numbers are Linux's own; elsewhere nothing is known. */
export function fileSystemOf(path: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    // Unsigned, since some kernels extend the sign.
    return builtin.fs.statfsSync(path).type >>> 0;
  } catch {
    return undefined;
  }
}
