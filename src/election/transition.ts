import type { Effect } from "./effect.ts";
import type {
  Campaigning,
  Candidate,
  Draining,
  ElectionState,
  Exit,
  HeldLease,
  Idle,
  Leader,
  LossReason,
  ReleaseOutcome,
  Releasing,
} from "./state.ts";
import type { Step } from "./step.ts";
import type { Timing } from "./timing.ts";

/** Nothing follows. */
export function stay(state: ElectionState): Step {
  return { state, effects: [] };
}

interface Candidacy {
  readonly attemptAt: number;
  readonly failures?: number;
  readonly heldOffUntil?: number;
  readonly abandoned?: number | undefined;
}

export function becomeCandidate(from: ElectionState, candidacy: Candidacy): Candidate {
  return {
    role: "candidate",
    attempts: from.attempts,
    working: from.working,
    failures: 0,
    heldOffUntil: Number.NEGATIVE_INFINITY,
    abandoned: undefined,
    ...candidacy,
  };
}

/** Asks for the lease, after cleaning up an earlier attempt that may have been granted unheard. */
export function campaign(timing: Timing, from: Candidate, now: number): Step {
  const attempt = from.attempts + 1;
  const notAfter = now + timing.renewalInterval;
  const cleanup: Effect[] =
    from.abandoned === undefined ? [] : [{ type: "release", attempt: from.abandoned, notAfter }];
  const state: Campaigning = {
    role: "campaigning",
    attempts: attempt,
    working: from.working,
    sentAt: now,
    failures: from.failures,
    hinted: false,
    abandoned: from.abandoned,
    withdrawn: false,
  };
  return { state, effects: [...cleanup, { type: "acquire", attempt, notAfter }] };
}

/** The forced exit: the lease may already be somebody else's, so nothing is released. */
export function lose(from: Leader, reason: LossReason, now: number): Step {
  return {
    state: becomeCandidate(from, { attemptAt: now }),
    effects: [{ type: "deposed", attempt: from.lease.attempt, reason }],
  };
}

/** The voluntary exit: told first, then drained, then released. */
export function leave(timing: Timing, from: Leader, exit: Exit, now: number): Step {
  const deposed: Effect = {
    type: "deposed",
    attempt: from.lease.attempt,
    reason: exit === "stop" ? "stopped" : "resigned",
  };
  if (from.working) {
    const drainUntil = now + timing.drainTimeout;
    const { attempts, working, lease } = from;
    const state: Draining = { role: "draining", attempts, working, exit, drainUntil, lease };
    return { state, effects: [deposed] };
  }
  const next = release(timing, from, exit, from.lease.attempt, now);
  return { state: next.state, effects: [deposed, ...next.effects] };
}

/** Gives the lease back. We ask for as long as a renewal may take; then it ends by itself. */
export function release(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  attempt: number,
  now: number,
): Step {
  const until = now + timing.renewalInterval;
  const state: Releasing = {
    role: "releasing",
    attempts: from.attempts,
    working: from.working,
    exit,
    attempt,
    retryAt: undefined,
    failures: 0,
    until,
  };
  return { state, effects: [{ type: "release", attempt, notAfter: until }] };
}

/** Stop where nobody leads: gives back an attempt that may have been granted unheard. */
export function withdraw(
  timing: Timing,
  from: ElectionState,
  abandoned: number | undefined,
  now: number,
): Step {
  return abandoned === undefined
    ? depart(timing, from, "stop", "none", now)
    : release(timing, from, "stop", abandoned, now);
}

/** The end of a voluntary exit. */
export function depart(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  outcome: ReleaseOutcome | "none",
  now: number,
): Step {
  const departed: Effect = { type: "departed", exit, release: outcome };
  if (exit === "stop") return { state: idle(from), effects: [departed] };
  // Whoever resigns lets the others go first, or the nearest to the store would win every time.
  const heldOffUntil = now + timing.renewalInterval;
  // Our own lease would keep us out as well: it is asked for again before the next attempt, and by a stop.
  const abandoned = from.role === "releasing" && outcome !== "confirmed" ? from.attempt : undefined;
  const state = becomeCandidate(from, { attemptAt: heldOffUntil, heldOffUntil, abandoned });
  return { state, effects: [departed] };
}

function idle(from: ElectionState): Idle {
  return { role: "idle", attempts: from.attempts, working: from.working };
}

export function withLease(state: Leader | Draining, lease: HeldLease): Leader | Draining {
  return { ...state, lease };
}
