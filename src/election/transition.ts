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
  Unsettled,
} from "./state.ts";
import type { Step } from "./step.ts";
import { endedBy, type Timing } from "./timing.ts";

/** Nothing follows. */
export function stay(state: ElectionState): Step {
  return { state, effects: [] };
}

interface Candidacy {
  readonly attemptAt: number;
  readonly failures?: number;
  readonly heldOffUntil?: number;
  readonly unsettled?: readonly Unsettled[];
}

export function becomeCandidate(from: ElectionState, candidacy: Candidacy): Candidate {
  return {
    role: "candidate",
    attempts: from.attempts,
    working: from.working,
    failures: 0,
    heldOffUntil: Number.NEGATIVE_INFINITY,
    unsettled: from.unsettled,
    ...candidacy,
  };
}

/** Asks for the lease, after cleaning up earlier attempts that may have been granted unheard. */
export function campaign(timing: Timing, from: Candidate, now: number): Step {
  const attempt = from.attempts + 1;
  const notAfter = now + timing.renewalInterval;
  const unsettled = lasting(from.unsettled, now);
  const state: Campaigning = {
    role: "campaigning",
    attempts: attempt,
    working: from.working,
    sentAt: now,
    failures: from.failures,
    hinted: false,
    unsettled,
    withdrawn: false,
  };
  const acquire: Effect = { type: "acquire", attempt, notAfter };
  return { state, effects: [...giveBack(unsettled, notAfter), acquire] };
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
    const { attempts, working, unsettled, lease } = from;
    const state: Draining = {
      ...{ role: "draining", attempts, working, unsettled },
      ...{ exit, drainUntil, lease },
    };
    return { state, effects: [deposed] };
  }
  const next = surrender(timing, from, exit, from.lease, now);
  return { state: next.state, effects: [deposed, ...next.effects] };
}

/** Gives back a lease that is held, and whatever is still on its way and could win it then. */
export function surrender(
  timing: Timing,
  from: Leader | Draining,
  exit: Exit,
  lease: HeldLease,
  now: number,
): Step {
  const unsettled = [remnant(timing, lease), ...undecided(from.unsettled, now)];
  return release(timing, from, exit, unsettled, now);
}

/** What is left of a lease that nobody believes in any more: a renewal on its way may prolong it. */
export function remnant(timing: Timing, { attempt, trustedUntil }: HeldLease): Unsettled {
  return { attempt, decidedAt: Number.NEGATIVE_INFINITY, until: endedBy(timing, trustedUntil) };
}

/** Gives leases back. We ask for as long as a renewal may take; then they end by themselves. */
export function release(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  unsettled: readonly Unsettled[],
  now: number,
): Step {
  const until = now + timing.renewalInterval;
  const state: Releasing = {
    role: "releasing",
    attempts: from.attempts,
    working: from.working,
    exit,
    unsettled,
    retryAt: undefined,
    failures: 0,
    until,
  };
  return { state, effects: giveBack(unsettled, until) };
}

export function giveBack(unsettled: readonly Unsettled[], notAfter: number): Effect[] {
  return unsettled.map(({ attempt }) => ({ type: "release", attempt, notAfter }));
}

/** Those whose request may still be carried out. */
export function undecided(unsettled: readonly Unsettled[], now: number): readonly Unsettled[] {
  return unsettled.filter(({ decidedAt }) => now < decidedAt);
}

/** Without those that have ended by now, of which an outage of the store would leave ever more. */
function lasting(unsettled: readonly Unsettled[], now: number): readonly Unsettled[] {
  return unsettled.filter(({ until }) => now < until);
}

/** Stop where nobody leads: gives back what may have been granted unheard. */
export function withdraw(
  timing: Timing,
  from: ElectionState,
  unsettled: readonly Unsettled[],
  now: number,
): Step {
  const remaining = lasting(unsettled, now);
  return remaining.length === 0
    ? depart(timing, from, "stop", "none", now)
    : release(timing, from, "stop", remaining, now);
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
  const state = becomeCandidate(from, { attemptAt: heldOffUntil, heldOffUntil });
  return { state, effects: [departed] };
}

function idle(from: ElectionState): Idle {
  return { role: "idle", attempts: from.attempts, working: from.working, unsettled: [] };
}

export function withLease(state: Leader | Draining, lease: HeldLease): Leader | Draining {
  return { ...state, lease };
}
