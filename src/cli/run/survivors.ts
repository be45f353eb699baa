import { readdirSync, readFileSync } from "node:fs";

/** The variable by which everything that a command has started is known. */
export const MARKER = "INCUMBENT_RUN";

/** A command and what it has started. */
export interface Family {
  /** The command's process; nothing before it has started. */
  readonly head: number | undefined;
  /** Whether it leads a process group of its own; on a terminal it shares ours. */
  readonly isGroup: boolean;
  /** The value of {@link MARKER} in its environment. */
  readonly mark: string;
}

/** Sends a signal once to every member that is alive. */
export function signalFamily(family: Family, signal: NodeJS.Signals): void {
  // The group at once, so that no member forks away between two calls.
  if (family.isGroup && family.head !== undefined) send(-family.head, signal);
  for (const { pid, group } of livingMembers(family)) {
    if (!family.isGroup || group !== family.head) send(pid, signal);
  }
}

/** Whether anything of the family is alive. A zombie is not. */
export function isAlive(family: Family): boolean {
  return livingMembers(family).length > 0;
}

interface Member {
  readonly pid: number;
  readonly group: number | undefined;
}

/**
 * On Linux those of the group and those with the mark in their environment, so also daemons that left
 * the group. Elsewhere only the head, or its group, can be asked about.
 */
function livingMembers(family: Family): Member[] {
  if (process.platform !== "linux") {
    const { head, isGroup } = family;
    if (head === undefined) return [];
    return send(isGroup ? -head : head, 0)
      ? [{ pid: head, group: isGroup ? head : undefined }]
      : [];
  }
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const group = groupOf(pid);
    if (group === undefined) return [];
    const belongs = pid === family.head || (family.isGroup && group === family.head);
    return belongs || hasMark(pid, family.mark) ? [{ pid, group }] : [];
  });
}

/** The process group of a process that is alive. */
function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name may contain anything; what follows its last parenthesis is state, parent, group.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : Number(group);
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function hasMark(pid: number, mark: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    return environment.split("\0").includes(`${MARKER}=${mark}`);
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return false;
  }
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
