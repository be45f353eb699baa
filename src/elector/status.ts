import { type ElectionState, isLeading } from "../election/state.ts";
import type { StoreError } from "../errors.ts";
import { eitherOf } from "./either-signal.ts";
import { endOf, type LeaderView, type SeenLease } from "./leader-view.ts";
import type { LeaderInfo } from "./terms/term.ts";
import { infoOf } from "./terms/term.ts";

/**
 * `leader`: this process leads, and `isLeader()` is true. `follower`: another process leads, as far as this one
 * knows. `undecided`: this process takes part, and knows of no leader. `stopped`: it takes no part.
 */
export type ElectorRole = "leader" | "follower" | "undecided" | "stopped";

/**
 * `answer`: the store has been asked, and has not answered yet. `lease`: another process's lease must end first.
 * `quarantine`: the store is new or lost its data, and elects no leader yet. `store`: the last attempt failed.
 * `work`: work or callbacks of an earlier term have not settled. `release`: the lease is being given back.
 * `others`: this process resigned, and lets the others go first.
 */
export type WaitingReason =
  | "answer"
  | "lease"
  | "quarantine"
  | "store"
  | "work"
  | "release"
  | "others";

/** What a candidate waits for. */
export interface Waiting {
  readonly reason: WaitingReason;
  /** For how long at most, in ms from now; `undefined` if that is not known. */
  readonly remaining: number | undefined;
  /** Why the last attempt failed, if the reason is `store`. */
  readonly error: StoreError | undefined;
}

/** What an elector knows at one moment, without asking the store. */
export interface ElectorStatus {
  readonly role: ElectorRole;
  /** The leader, as far as this process knows: itself, or the one that the store named last. */
  readonly leader: LeaderInfo | undefined;
  /** How old the knowledge of another leader is, in ms; 0 for this process itself. */
  readonly age: number | undefined;
  /** What keeps this process from leading; `undefined` if it leads or takes no part. */
  readonly waitingFor: Waiting | undefined;
}

/** From what a status follows. */
interface Knowledge {
  readonly key: string;
  readonly view: LeaderView;
  /** This process as a leader, if it leads. */
  readonly own: () => LeaderInfo | undefined;
  readonly isStopping: boolean;
  readonly now: number;
}

export function statusOf(state: ElectionState, knowledge: Knowledge): ElectorStatus {
  const { key, view, own, isStopping, now } = knowledge;
  if (isLeading(state, now)) {
    return { role: "leader", leader: own(), age: 0, waitingFor: undefined };
  }
  const seen = view.leader(now);
  const known = {
    leader: seen === undefined ? undefined : infoOf(key, atMoment(seen, now)),
    age: seen === undefined ? undefined : now - seen.seenAt,
  };
  if (isStopping || state.role === "idle") {
    return { role: "stopped", ...known, waitingFor: undefined };
  }
  const role = seen === undefined ? "undecided" : "follower";
  return { role, ...known, waitingFor: waitingFor(state, view, now) };
}

/**
 * The status, once the present campaign has had an answer, or it is known why it has none. `answer` resolves with the
 * next one. Rejects with the reason of the first signal that is aborted.
 */
export async function settledStatus(
  status: () => ElectorStatus,
  answer: (signal: AbortSignal) => Promise<void>,
  signals: readonly (AbortSignal | undefined)[],
): Promise<ElectorStatus> {
  const either = eitherOf(...signals);
  try {
    for (;;) {
      either.signal.throwIfAborted();
      const now = status();
      if (now.role !== "stopped" && now.waitingFor?.reason !== "answer") return now;
      await answer(either.signal);
    }
  } finally {
    either.dispose();
  }
}

function atMoment(seen: SeenLease, now: number): SeenLease["record"] {
  return { ...seen.record, expiresIn: Math.max(0, endOf(seen) - now) };
}

function waitingFor(state: ElectionState, view: LeaderView, now: number): Waiting {
  const waiting = (reason: WaitingReason, until?: number, error?: StoreError): Waiting => ({
    reason,
    remaining: until === undefined ? undefined : Math.max(0, until - now),
    error,
  });
  switch (state.role) {
    case "draining":
      return waiting("work", state.drainUntil);
    case "releasing":
      return waiting("release", state.until);
    case "candidate":
      if (state.working) return waiting("work");
      if (now < state.heldOffUntil) return waiting("others", state.heldOffUntil);
      break;
  }
  const obstacle = view.obstacle(now);
  if (obstacle === undefined) return waiting("answer");
  if (obstacle.reason !== "store") return waiting(obstacle.reason, obstacle.until);
  const nextAttempt = state.role === "candidate" ? state.attemptAt : now;
  return waiting("store", nextAttempt, obstacle.error);
}
