import { setTimeout as sleep } from "node:timers/promises";
import { type Family, marksOf } from "./family.ts";
import type { Process } from "./processes.ts";

/** The processes of a family that do not die. */
export interface Reluctance {
  /** Processes that we may not signal, since they belong to another user. */
  readonly forbidden: readonly number[];
  /** Processes that are still alive after SIGKILL, for example in an uninterruptible system call. */
  readonly undead: readonly number[];
}

/** How often the processes are checked while they are being ended, in ms. */
const LOOK_EVERY = 20;
/** A process that is alive so long after SIGKILL is reported, in ms. */
const DEATH_TAKES = 2000;
/** How many times the family may grow while its processes are being stopped. */
const ROUNDS = 10;

/**
 * Ends a family: sends `signal`, and SIGKILL as soon as `killNow` returns true. Resolves only when all of
 * its processes are dead, whatever goes wrong.
 *
 * @param spare Selects processes that have received the signal already, for example by Ctrl-C.
 * @param report Called once, if processes do not die.
 */
export async function endFamily(
  family: Family,
  signal: NodeJS.Signals,
  killNow: () => boolean,
  report: (reluctance: Reluctance) => void,
  spare: (one: Process) => boolean = () => false,
): Promise<void> {
  let reported = false;
  let killedAt: number | undefined;
  if (!killNow()) forgive(() => signalOnce(family, signal, spare));
  for (;;) {
    const living = forgive(() => family.look());
    if (living?.length === 0) return;
    if (killNow()) {
      killedAt ??= performance.now();
      const forbidden = forgive(() => kill(family)) ?? [];
      const late = performance.now() - killedAt > DEATH_TAKES;
      if (!reported && (forbidden.length > 0 || late)) {
        reported = true;
        const undead = (living ?? [])
          .map(({ pid }) => pid)
          .filter((pid) => !forbidden.includes(pid));
        forgive(() => report({ forbidden, undead }));
      }
    }
    await sleep(LOOK_EVERY);
  }
}

/** Signals each process once. Those that another `run` has started are signalled by that `run`. */
function signalOnce(
  family: Family,
  signal: NodeJS.Signals,
  spare: (one: Process) => boolean,
): void {
  for (const one of family.look()) {
    const marks = marksOf(one.pid);
    const belongsToInner = marks.includes(family.mark) && marks.at(-1) !== family.mark;
    if (!belongsToInner && !spare(one)) send(one.pid, signal);
  }
}

/**
 * Sends SIGKILL to all. Processes are stopped first, so that none can fork between two looks. Returns those
 * that we may not signal.
 */
function kill(family: Family): number[] {
  const held = new Set<number>();
  const forbidden: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const fresh = family.look().filter(({ pid }) => !held.has(pid));
    if (fresh.length === 0) break;
    for (const { pid } of fresh) {
      held.add(pid);
      if (!send(pid, "SIGSTOP")) forbidden.push(pid);
    }
  }
  for (const pid of held) send(pid, "SIGKILL");
  return forbidden;
}

/** Sends the signal. Returns false only if we may not; a process that has ended counts as signalled. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EPERM");
  }
}

/** No failure, such as too many open files or a closed log, may leave a family alive. */
function forgive<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
