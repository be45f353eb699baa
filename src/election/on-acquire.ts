import type { Step } from "./effect.ts";
import type { ElectionEvent } from "./event.ts";
import type { Campaigning, ElectionState, Leader, Leftover } from "./state.ts";
import { backoff, endedBy, isShort, sleepAfter, type Timing, trustedUntil } from "./timing.ts";
import {
  becomeCandidate,
  campaign,
  leaveWithoutLease,
  releasesOf,
  startReleasing,
  stay,
  undecided,
} from "./transition.ts";

type Answer = Extract<ElectionEvent, { type: "granted" | "refused" | "acquire-failed" }>;

/** The answer to a request for the lease. */
export function onAcquireAnswer(timing: Timing, state: ElectionState, event: Answer): Step {
  // An answer to an attempt that is over. It was cleaned up when it was given up.
  if (state.role !== "campaigning" || event.attempt !== state.attempts) return stay(state);
  switch (event.type) {
    case "granted":
      return onGranted(timing, state, event);
    case "refused":
      return onRefused(timing, state, event);
    case "acquire-failed":
      return onFailed(timing, state, event);
  }
}

function onGranted(
  timing: Timing,
  state: Campaigning,
  event: Extract<Answer, { type: "granted" }>,
): Step {
  const { attempt, token, now, sentAt } = event;
  // No older attempt can have the lease while this one does; after it, what is on its way can.
  const arriving = undecided(state.leftovers, now);
  const leftovers = [ownOf(timing, state, now), ...arriving];
  if (state.withdrawn) return startReleasing(timing, state, "stop", leftovers, now);
  const until = trustedUntil(timing, sentAt);
  // Granted, but the answer came so late that the lease cannot be trusted.
  if (now >= until) {
    return stay(becomeCandidate(state, { attemptAt: now, leftovers }));
  }
  const elected: Leader = {
    role: "leader",
    attempts: state.attempts,
    working: state.working,
    leftovers: arriving,
    lease: {
      attempt,
      token,
      trustedUntil: until,
      renewAt: sentAt + timing.renewalInterval,
      unanswered: false,
      failures: 0,
    },
  };
  return { state: elected, effects: [{ type: "elected", attempt, token }] };
}

function onRefused(
  timing: Timing,
  state: Campaigning,
  event: Extract<Answer, { type: "refused" }>,
): Step {
  const { now } = event;
  // What is still on its way may win a vote or two, and is not waited for.
  const leftovers = [...state.leftovers, ...leftBy(timing, state, event, now)];
  if (state.withdrawn) return leaveWithoutLease(timing, state, "stop", leftovers, now);
  // The clean-up that went ahead of this attempt may be lost, and the lease that refused it may be our own:
  // until its end, no candidate could be elected.
  const longest = leftovers.length > 0 ? timing.renewalInterval : timing.pollInterval;
  const sleep = Math.min(sleepAfter(timing, event.retryIn, state.failures), longest);
  const failures = isShort(event.retryIn) ? state.failures + 1 : 0;
  const candidate = becomeCandidate(state, { attemptAt: now + sleep, failures, leftovers });
  // The lease was released while we asked: the refusal is already out of date.
  return state.hinted && !state.working ? campaign(timing, candidate, now) : stay(candidate);
}

function onFailed(
  timing: Timing,
  state: Campaigning,
  event: Extract<Answer, { type: "acquire-failed" }>,
): Step {
  const { now } = event;
  const left = leftBy(timing, state, event, notAfter(timing, state));
  const leftovers = [...state.leftovers, ...left];
  if (state.withdrawn) return leaveWithoutLease(timing, state, "stop", leftovers, now);
  const failures = state.failures + 1;
  const attemptAt = now + backoff(timing, failures, event.jitter);
  // Perhaps granted, and the reply was lost: released at once, or it would block all candidates for a ttl. If this
  // fails too, it is repeated before the next attempt.
  const next = becomeCandidate(state, { attemptAt, failures, leftovers });
  return { state: next, effects: releasesOf(left, now + timing.renewalInterval) };
}

/** What the attempt that has ended may have left although it is not trusted: a lease, or votes of several servers. */
function leftBy(
  timing: Timing,
  state: Campaigning,
  { applied }: Extract<Answer, { type: "refused" | "acquire-failed" }>,
  decidedAt: number,
): readonly Leftover[] {
  return applied === "maybe" ? [ownOf(timing, state, decidedAt)] : [];
}

/** What the attempt under way may leave. */
function ownOf(timing: Timing, state: Campaigning, decidedAt: number): Leftover {
  return { attempt: state.attempts, decidedAt, until: endedBy(timing, notAfter(timing, state)) };
}

/** The not-after of the attempt under way. */
function notAfter(timing: Timing, { sentAt }: Campaigning): number {
  return sentAt + timing.renewalInterval;
}
