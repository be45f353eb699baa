import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";

/** How much of a file is read, in bytes: enough for its first line or for the name of its loader. */
const HEAD = 4096;

/**
 * Whether the system will surely be able to start this program: its file is found, may be executed, and has an
 * interpreter or loader that is there. Errs only on the side of "no".
 *
 * @param path The folders in which a name without a slash is looked for, as in the variable PATH.
 */
export function isStartable(name: string, path: string | undefined): boolean {
  const file = name.includes("/") ? name : foundIn(path?.split(":") ?? [], name);
  if (file === undefined || !isExecutable(file)) return false;
  const head = headOf(file);
  if (head.startsWith("#!")) return isExecutable(/^#![ \t]*([^ \t\n]*)/.exec(head)?.[1] ?? "");
  // ELF: the linker puts the name of the loader close to the beginning. A static program has none.
  const loader = /\/[\w./+-]*\/ld[\w.-]*(?=\0)/.exec(head)?.[0];
  return head.startsWith("\x7fELF") ? loader === undefined || isExecutable(loader) : isMach(head);
}

/** Whether this is a regular file that this process may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function foundIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => `${folder || "."}/${name}`).find(isExecutable);
}

function isMach(head: string): boolean {
  return ["\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"].some((magic) => head.startsWith(magic));
}

/** Empty if this process may not read the file. */
function headOf(file: string): string {
  try {
    const descriptor = openSync(file, "r");
    try {
      const bytes = new Uint8Array(HEAD);
      const length = readSync(descriptor, bytes);
      return Buffer.from(bytes.subarray(0, length)).toString("latin1");
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "";
  }
}
