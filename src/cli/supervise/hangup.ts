import { constants as files, readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * Whether this process was started with SIGHUP ignored, as by `nohup`. Node.js resets the signal before our
 * code runs, so this looks for other evidence: a parent that ignores SIGHUP, the name `nohup` in the shell's
 * variable `_`, or a standard input that is not readable, which `nohup` leaves in place of a terminal.
 */
export function ignoresHangup(env: NodeJS.ProcessEnv): boolean {
  return (
    ignoredBy("self") ||
    ignoredBy(String(process.ppid)) ||
    /(^|\/)nohup$/.test(env["_"] ?? "") ||
    hasUnreadableInput()
  );
}

/** Wraps the command so that it ignores SIGHUP, since Node.js would start it with the default action. */
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
    // Not Linux.
    return "";
  }
}
