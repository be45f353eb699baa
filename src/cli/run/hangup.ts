import { constants as files, readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * Whether SIGHUP was to be ignored when we were started, as by `nohup`. Node.js resets that before our first
 * line, so it is taken from what started us: a parent that ignores it, or the traces of `nohup` itself, which
 * a shell names in `_`, and which leaves a standard input that cannot be read in place of a terminal.
 */
export function ignoresHangup(env: NodeJS.ProcessEnv): boolean {
  return (
    ignoredBy("self") ||
    ignoredBy(String(process.ppid)) ||
    /(^|\/)nohup$/.test(env["_"] ?? "") ||
    hasUnreadableInput()
  );
}

/** The same program, which then ignores SIGHUP: Node.js would start it with the default. */
export function deafToHangup(command: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", ...command];
}

function ignoredBy(pid: string): boolean {
  const [, set = "0"] = /^SigIgn:\s*(\w+)$/m.exec(textOf(`/proc/${pid}/status`)) ?? [];
  return (BigInt(`0x${set}`) & (1n << BigInt(constants.signals.SIGHUP - 1))) !== 0n;
}

function hasUnreadableInput(): boolean {
  const [, flags = "0"] = /^flags:\s*([0-7]+)$/m.exec(textOf("/proc/self/fdinfo/0")) ?? [];
  return (Number.parseInt(flags, 8) & 3) === files.O_WRONLY;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Not on Linux.
    return "";
  }
}
