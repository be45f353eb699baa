import type { Step } from "./effect.ts";
import type { ElectionState, Exit } from "./state.ts";
import type { Timing } from "./timing.ts";
import {
  becomeCandidate,
  campaign,
  drain,
  finishLeaving,
  lasting,
  leave,
  leaveWithoutLease,
  stay,
} from "./transition.ts";

// Commands of the user: start, stop and resign; and where work and callbacks are.

export function onStart(timing: Timing, state: ElectionState, now: number): Step {
  if (state.role !== "idle") return stay(state);
  const overdueAt = now + timing.drainTimeout;
  const candidate = becomeCandidate(state, { attemptAt: now, overdueAt });
  // Work that began before the last stop and has not settled: the campaign begins when it has.
  return candidate.working ? stay(candidate) : campaign(timing, candidate, now);
}

export function onLeave(timing: Timing, state: ElectionState, exit: Exit, now: number): Step {
  if (state.role === "leader") return leave(timing, state, exit, now);
  // There is nothing to resign from; and a resignation under way is not begun again.
  if (exit === "resign") return stay(state);
  switch (state.role) {
    case "idle": {
      // What the last stop could not confirm is not asked for again: a stopped elector has no timers.
      const isSettled = lasting(state.leftovers, now).length === 0;
      return finishLeaving(timing, state, "stop", isSettled ? "none" : "unconfirmed", now);
    }
    case "candidate":
      return leaveWithoutLease(timing, state, "stop", state.leftovers, now);
    case "campaigning":
      return stay({ ...state, withdrawn: true });
    case "draining":
    case "releasing":
      return stay({ ...state, exit });
  }
}

export function onWork(timing: Timing, state: ElectionState, working: boolean, now: number): Step {
  const next = { ...state, working };
  if (working) return stay(next);
  if (next.role === "draining") return drain(timing, next, now);
  if (next.role !== "candidate" || !state.working) return stay(next);
  return now >= next.heldOffUntil
    ? campaign(timing, next, now)
    : stay({ ...next, attemptAt: next.heldOffUntil });
}

/** `pending` promises that callbacks returned have not settled. */
export function onLossReported(
  timing: Timing,
  state: ElectionState,
  pending: number,
  now: number,
): Step {
  // Only a voluntary exit waits: after a loss, the lease may be another's at any moment.
  if (state.role !== "draining" || state.callbacks !== "running") return stay(state);
  return drain(timing, { ...state, callbacks: pending > 0 ? "pending" : "settled" }, now);
}

export function onCallbacksSettled(timing: Timing, state: ElectionState, now: number): Step {
  if (state.role !== "draining" || state.callbacks !== "pending") return stay(state);
  return drain(timing, { ...state, callbacks: "settled" }, now);
}
