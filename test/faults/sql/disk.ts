import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEGABYTE = 1 << 20;

/** A disk of 200 MB, on which servers keep their files that are started from now on. Needs root. */
export function smallDisk() {
  const before = process.env["TMPDIR"];
  const path = mkdtempSync(join(tmpdir(), "incumbent-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=200m", "tmpfs", path]);
  const unmount = () => execFileSync("umount", ["-l", path]);
  process.once("exit", unmount);
  chmodSync(path, 0o777);
  process.env["TMPDIR"] = path;
  return {
    path,
    remove: () => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      process.off("exit", unmount);
      unmount();
      rmSync(path, { recursive: true });
    },
  };
}

/** Takes all that is left. The returned function gives it back. */
export function fillDisk(path: string): () => void {
  const file = join(path, "filler");
  const descriptor = openSync(file, "w");
  try {
    for (let size = MEGABYTE; size >= 4096; size /= 2) {
      try {
        while (writeSync(descriptor, Buffer.alloc(size)) === size);
      } catch {
        // It is full, for pieces of this size.
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return () => rmSync(file);
}
