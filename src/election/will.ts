import type { ElectionState, Exit } from "./state.ts";
import type { Step } from "./step.ts";
import type { Timing } from "./timing.ts";
import {
  becomeCandidate,
  campaign,
  depart,
  leave,
  stay,
  surrender,
  withdraw,
} from "./transition.ts";

// What the user wants: to start, to leave, and that work begins or has ended.

export function onStart(timing: Timing, state: ElectionState, now: number): Step {
  if (state.role !== "idle") return stay(state);
  const candidate = becomeCandidate(state, { attemptAt: now });
  // Work of an earlier life that has not settled: the campaign begins when it has.
  return candidate.working ? stay(candidate) : campaign(timing, candidate, now);
}

export function onExit(timing: Timing, state: ElectionState, exit: Exit, now: number): Step {
  if (state.role === "leader") return leave(timing, state, exit, now);
  // There is nothing to resign from; and a resignation under way is not begun again.
  if (exit === "resign") return stay(state);
  switch (state.role) {
    case "idle":
      return stay(state);
    case "candidate":
      return withdraw(timing, state, state.unsettled, now);
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
  if (next.role === "draining") {
    return next.lease === undefined
      ? depart(timing, next, next.exit, "unconfirmed", now)
      : surrender(timing, next, next.exit, next.lease, now);
  }
  if (next.role === "candidate" && now >= next.attemptAt) return campaign(timing, next, now);
  return stay(next);
}
