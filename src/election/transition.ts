import type { Effect, Step } from "./effect.ts";
import type {
  Campaigning,
  Candidate,
  Draining,
  ElectionState,
  Exit,
  HeldLease,
  Idle,
  Leader,
  Leftover,
  LossReason,
  ReleaseOutcome,
  Releasing,
} from "./state.ts";
import { endedBy, type Timing } from "./timing.ts";

/** One for all steps: ten thousand elections take 30,000 steps a second, most of them without an effect. */
const none: readonly Effect[] = [];

/** No transition, no effects. */
export function stay(state: ElectionState): Step {
  return { state, effects: none };
}

interface Candidacy {
  readonly attemptAt: number;
  readonly failures?: number;
  readonly heldOffUntil?: number;
  readonly overdueAt?: number;
  readonly leftovers?: readonly Leftover[];
}

export function becomeCandidate(from: ElectionState, candidacy: Candidacy): Candidate {
  return {
    role: "candidate",
    attempts: from.attempts,
    working: from.working,
    failures: 0,
    heldOffUntil: Number.NEGATIVE_INFINITY,
    overdueAt: Number.POSITIVE_INFINITY,
    leftovers: from.leftovers,
    ...candidacy,
  };
}

/** Asks for the lease, after cleaning up earlier attempts that may have been granted although the reply was lost. */
export function campaign(timing: Timing, from: Candidate, now: number): Step {
  const attempt = from.attempts + 1;
  const notAfter = now + timing.renewalInterval;
  const leftovers = lasting(from.leftovers, now);
  const state: Campaigning = {
    role: "campaigning",
    attempts: attempt,
    working: from.working,
    sentAt: now,
    failures: from.failures,
    hinted: false,
    leftovers,
    withdrawn: false,
  };
  const acquire: Effect = { type: "acquire", attempt, notAfter };
  return { state, effects: [...releasesOf(leftovers, notAfter), acquire] };
}

/**
 * The forced exit. The lease may already be another's, or live on by a renewal whose answer was lost, and
 * would block all candidates: so it is released by its nonce, which frees no other, as soon as the loss
 * has been reported.
 */
export function lose(timing: Timing, from: Leader, reason: LossReason, now: number): Step {
  const leftovers = [leftoverOf(timing, from.lease), ...from.leftovers];
  const overdueAt = now + timing.drainTimeout;
  return {
    state: becomeCandidate(from, { attemptAt: now, leftovers, overdueAt }),
    effects: [{ type: "deposed", attempt: from.lease.attempt, reason }],
  };
}

/** The voluntary exit: reported first, then drained, then released. What is to be drained is known after the report. */
export function leave(timing: Timing, from: Leader, exit: Exit, now: number): Step {
  const deposed: Effect = {
    type: "deposed",
    attempt: from.lease.attempt,
    reason: exit === "stop" ? "stopped" : "resigned",
  };
  const drainUntil = now + timing.drainTimeout;
  const { attempts, working, leftovers, lease } = from;
  const state: Draining = {
    ...{ role: "draining", attempts, working, leftovers },
    ...{ exit, callbacks: "running", drainUntil, lease },
  };
  return { state, effects: [deposed] };
}

/** Gives the lease back, unless work or callbacks are still waited for. */
export function drain(timing: Timing, state: Draining, now: number): Step {
  return state.working || state.callbacks !== "settled"
    ? stay(state)
    : releaseLease(timing, state, now);
}

/** Gives back a lease that is held, or what may be left of one that was lost while work drained. */
export function releaseLease(timing: Timing, from: Draining, now: number): Step {
  const { exit, lease, leftovers } = from;
  if (lease === undefined) return leaveWithoutLease(timing, from, exit, leftovers, now);
  // No older attempt can have the lease while this one does; after it, what is on its way can.
  const left = [leftoverOf(timing, lease), ...undecided(leftovers, now)];
  return startReleasing(timing, from, exit, left, now);
}

/** The lease was lost while work drains. What may be left of it is given back when the work has settled. */
export function withoutLease(timing: Timing, from: Draining, lease: HeldLease): Draining {
  return { ...from, lease: undefined, leftovers: [leftoverOf(timing, lease), ...from.leftovers] };
}

/** What is left of a lease that is no longer trusted: a renewal on its way may prolong it. */
function leftoverOf(timing: Timing, { attempt, trustedUntil }: HeldLease): Leftover {
  return { attempt, decidedAt: Number.NEGATIVE_INFINITY, until: endedBy(timing, trustedUntil) };
}

/** Gives leases back. We ask for as long as a renewal may take; then they end by themselves. */
export function startReleasing(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  leftovers: readonly Leftover[],
  now: number,
): Step {
  const until = now + timing.renewalInterval;
  const state: Releasing = {
    role: "releasing",
    attempts: from.attempts,
    working: from.working,
    exit,
    leftovers,
    retryAt: undefined,
    failures: 0,
    until,
  };
  return { state, effects: releasesOf(leftovers, until) };
}

export function releasesOf(leftovers: readonly Leftover[], notAfter: number): Effect[] {
  return leftovers.map(({ attempt }) => ({ type: "release", attempt, notAfter }));
}

/** Those whose request may still be carried out. */
export function undecided(leftovers: readonly Leftover[], now: number): readonly Leftover[] {
  return leftovers.filter(({ decidedAt }) => now < decidedAt);
}

/** Without those that have ended by now, of which an outage of the store would leave ever more. */
export function lasting(leftovers: readonly Leftover[], now: number): readonly Leftover[] {
  return leftovers.filter(({ until }) => now < until);
}

/** An exit without a lease that counts: releases what may have been granted, or prolonged, by a request whose reply was lost. */
export function leaveWithoutLease(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  leftovers: readonly Leftover[],
  now: number,
): Step {
  const remaining = lasting(leftovers, now);
  return remaining.length === 0
    ? finishLeaving(timing, { ...from, leftovers: [] }, exit, "none", now)
    : startReleasing(timing, from, exit, remaining, now);
}

/** The end of a voluntary exit. */
export function finishLeaving(
  timing: Timing,
  from: ElectionState,
  exit: Exit,
  outcome: ReleaseOutcome | "none",
  now: number,
): Step {
  const departed: Effect = { type: "departed", exit, release: outcome };
  if (exit === "stop") return { state: idle(from), effects: [departed] };
  // After a resignation the others go first, or the candidate nearest to the store would win every time.
  const heldOffUntil = now + timing.renewalInterval;
  // Our own lease would keep us out as well: it is asked for again before the next attempt, and by a stop.
  const state = becomeCandidate(from, { attemptAt: heldOffUntil, heldOffUntil });
  return { state, effects: [departed] };
}

/** What could not be confirmed is given back again if it is started again. */
function idle({ attempts, working, leftovers }: ElectionState): Idle {
  return { role: "idle", attempts, working, leftovers };
}

/** Written out for a leader: every renewal does this twice, and a spread costs seven times as much (measured). */
export function withLease(state: Leader | Draining, lease: HeldLease): Leader | Draining {
  if (state.role === "draining") return { ...state, lease };
  const { role, attempts, working, leftovers } = state;
  return { role, attempts, working, leftovers, lease };
}
