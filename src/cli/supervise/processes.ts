import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One process, as the system lists it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 if the system does not report it. */
  readonly session: number;
  /** The start time in a unit of the system. A pid is reused, but not together with its start time. */
  readonly start: number;
  /** False for a zombie. */
  readonly alive: boolean;
}

/**
 * All processes that the system shows to this user; on Windows only those with the given pids. Throws if
 * the system cannot list them, since an empty list would mean that all are dead.
 */
export function allProcesses(known: readonly number[] = []): Process[] {
  if (process.platform === "win32") return known.filter(isThere).map(loner);
  return process.platform === "linux" ? fromProc() : fromPs();
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function loner(pid: number): Process {
  return { pid, parent: 0, group: pid, session: 0, start: 0, alive: true };
}

function fromProc(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    const text = /^\d+$/.test(name) ? readOf(name, "stat") : undefined;
    if (text === undefined) return [];
    // The name may contain any character. The state follows the last parenthesis.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent, group, session] = fields;
    return [
      {
        ...{ pid: Number(name), parent: Number(parent), group: Number(group) },
        ...{ session: Number(session), start: Number(fields[19]), alive: !/^[ZXx]/.test(state) },
      },
    ];
  });
}

/** Uses the program `ps`, which does not report sessions or fractions of a second on every system. */
export function fromPs(): Process[] {
  const columns = "pid=,ppid=,pgid=,stat=,lstart=";
  const { stdout, error, status } = spawnSync("ps", ["-A", "-o", columns], { encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`ps ended with ${status}`);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, group, state = "", started = ""] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [
      {
        ...{ pid: Number(pid), parent: Number(parent), group: Number(group) },
        ...{ session: 0, start: Date.parse(started), alive: !state.startsWith("Z") },
      },
    ];
  });
}

/** The environment with which a process was started. Empty if it is not readable, and on other systems than Linux. */
export function environmentOf(pid: number): readonly string[] {
  if (process.platform !== "linux") return [];
  return readOf(String(pid), "environ")?.split("\0") ?? [];
}

/** Reads a file of a process in /proc; undefined if the process has ended or belongs to another user. */
function readOf(pid: string, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(code))) return undefined;
    throw error;
  }
}
