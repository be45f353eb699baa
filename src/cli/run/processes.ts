import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One process, as the system lists it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 where the system does not say. */
  readonly session: number;
  /** When it started, in a unit of the system's: a number is used again, the pair is not. */
  readonly start: number;
  /** A zombie is not. */
  readonly alive: boolean;
}

/**
 * All processes that we can see; on Windows those of the given numbers. Throws if the system cannot be
 * asked, which is not "none".
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
    // The name may contain anything; what follows its last parenthesis begins with the state.
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

/** By the program `ps`, which knows neither sessions nor times below a second everywhere. */
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

/** The environment that a process was started with; empty where we may not look, and off Linux. */
export function environmentOf(pid: number): readonly string[] {
  if (process.platform !== "linux") return [];
  return readOf(String(pid), "environ")?.split("\0") ?? [];
}

/** A file of a process; nothing if that has ended meanwhile, or is another user's. */
function readOf(pid: string, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(code))) return undefined;
    throw error;
  }
}
