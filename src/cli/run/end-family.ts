import { setTimeout as sleep } from "node:timers/promises";
import { type Family, marksOf } from "./family.ts";
import type { Process } from "./processes.ts";

/** What is to be known of a family that does not die. */
export interface Reluctance {
  /** Which of it we may not signal: it belongs to another user. */
  readonly forbidden: readonly number[];
  /** Which of it is alive though it was killed: the kernel does not let go of it. */
  readonly undead: readonly number[];
}

/** From one look at those that are being ended to the next, in ms. */
const LOOK_EVERY = 20;
/** What was killed and lives so long after it, in ms, does so for a reason. */
const DEATH_TAKES = 2000;
/** Times that a family may grow while we hold it fast. */
const ROUNDS = 10;

/**
 * Ends a family: `signal`, SIGKILL from the moment that `killNow` says so. Resolves when nothing of it is
 * alive, and not before, whatever goes wrong.
 *
 * @param spare Those that have got the signal already, such as by a key of the terminal.
 * @param report Called once, if it does not die.
 */
export async function endFamily(
  family: Family,
  signal: NodeJS.Signals,
  killNow: () => boolean,
  report: (reluctance: Reluctance) => void,
  spare: (one: Process) => boolean = () => false,
): Promise<void> {
  let told = false;
  let killedAt: number | undefined;
  if (!killNow()) forgive(() => signalOnce(family, signal, spare));
  for (;;) {
    const living = forgive(() => family.look());
    if (living?.length === 0) return;
    if (killNow()) {
      killedAt ??= performance.now();
      const forbidden = forgive(() => kill(family)) ?? [];
      const late = performance.now() - killedAt > DEATH_TAKES;
      if (!told && (forbidden.length > 0 || late)) {
        told = true;
        const undead = (living ?? [])
          .map(({ pid }) => pid)
          .filter((pid) => !forbidden.includes(pid));
        forgive(() => report({ forbidden, undead }));
      }
    }
    await sleep(LOOK_EVERY);
  }
}

/** Each gets it once: what another run has started inside of the family gets it from that one. */
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
 * SIGKILL to all. They are stopped first, so that none forks away between two looks. Returns those that we
 * may not signal.
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

/** Whether we may signal it; one that has ended meanwhile is as good as signalled. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EPERM");
  }
}

/** Nothing that fails here may leave a family alive: the system may be short of files, or a log be gone. */
function forgive<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
