import type { Effect, Step } from "./effect.ts";
import type { ElectionEvent } from "./event.ts";
import {
  awaitsHint,
  type Candidate,
  type Draining,
  type ElectionState,
  type Leader,
  type Releasing,
} from "./state.ts";
import { renewalSlack, type Timing } from "./timing.ts";
import {
  campaign,
  finishLeaving,
  lasting,
  lose,
  releaseLease,
  releasesOf,
  stay,
  withLease,
  withoutLease,
} from "./transition.ts";

/** Applies the deadlines that have passed, before the event is looked at. */
export function onDeadline(timing: Timing, state: ElectionState, now: number): Step {
  if (state.role === "leader" && now >= state.lease.trustedUntil) {
    // An unanswered renewal means that the store was out of reach; none, that this process was paused.
    return lose(timing, state, state.lease.unanswered ? "store-lost" : "expired", now);
  }
  if (state.role === "draining") return onDrainDeadline(timing, state, now);
  return stay(state);
}

function onDrainDeadline(timing: Timing, state: Draining, now: number): Step {
  const current = withoutLostLease(timing, state, now);
  // What there is to drain is known when all callbacks have been called.
  if (current.callbacks === "running" || now < current.drainUntil) return stay(current);
  const next = releaseLease(timing, current, now);
  return { state: next.state, effects: [{ type: "drain-timeout" }, ...next.effects] };
}

/** A lease whose time is over may be another candidate's; or it lives on, by a renewal whose answer was lost. */
function withoutLostLease(timing: Timing, state: Draining, now: number): Draining {
  const { lease } = state;
  if (lease === undefined || now < lease.trustedUntil) return state;
  return withoutLease(timing, state, lease);
}

type Wake = Extract<ElectionEvent, { type: "wake" | "hint" }>;

export function onWake(timing: Timing, state: ElectionState, event: Wake): Step {
  const { now } = event;
  switch (state.role) {
    case "idle":
      return stay(state);
    case "candidate": {
      if (state.working) return waitForWork(timing, state, event);
      const hinted = event.type === "hint" && awaitsHint(state, now);
      const due = hinted || now >= state.attemptAt;
      return due ? campaign(timing, state, now) : stay(state);
    }
    case "campaigning":
      return event.type === "hint" ? stay({ ...state, hinted: true }) : stay(state);
    case "leader":
    case "draining":
      return renewWhenDue(timing, state, event);
    case "releasing":
      return state.retryAt !== undefined && now >= state.retryAt
        ? releaseAgain(timing, state, now)
        : stay(state);
  }
}

/** One run of the work at a time: no campaign before the last one has settled. */
function waitForWork(timing: Timing, state: Candidate, { type, now }: Wake): Step {
  // Our own releases give hints too, so one must not cause another.
  if (type === "hint") return stay(state);
  const isOverdue = now >= state.overdueAt;
  const reported: Candidate = isOverdue ? { ...state, overdueAt: Number.POSITIVE_INFINITY } : state;
  const report: Effect[] = isOverdue ? [{ type: "drain-timeout" }] : [];
  if (now < state.attemptAt) return { state: reported, effects: report };
  // What the lost term may have left would keep the others out, however long the work takes.
  const leftovers = lasting(state.leftovers, now);
  const attemptAt = now + timing.pollInterval;
  const releases = releasesOf(leftovers, now + timing.renewalInterval);
  return { state: { ...reported, attemptAt, leftovers }, effects: [...report, ...releases] };
}

function renewWhenDue(timing: Timing, state: Leader | Draining, { type, now }: Wake): Step {
  const { lease } = state;
  if (lease === undefined) return stay(state);
  const early = type === "wake" ? renewalSlack(timing, lease) : 0;
  if (now < lease.renewAt - early) return stay(state);
  // An unanswered renewal is followed by another after half an interval: the first may be lost, or
  // only slow, and whichever is answered inside the trust window counts. So near its end, the rest of
  // the window is halved: one that leaves at the deadline is never answered in time.
  const { attempt, token, trustedUntil, failures } = lease;
  const pause = Math.min(timing.renewalInterval, trustedUntil - now) / 2;
  const renewAt = now + Math.max(pause, timing.ttl / 100);
  return {
    // Written out, as in withLease().
    state: withLease(state, { attempt, token, trustedUntil, renewAt, unanswered: true, failures }),
    effects: [{ type: "renew", attempt, token, notAfter: trustedUntil }],
  };
}

function releaseAgain(timing: Timing, state: Releasing, now: number): Step {
  // The process was paused past the deadline of the release, and no answer is on its way that would end the exit.
  if (now >= state.until) return finishLeaving(timing, state, state.exit, "unconfirmed", now);
  return {
    state: { ...state, retryAt: undefined },
    effects: releasesOf(state.leftovers, state.until),
  };
}
