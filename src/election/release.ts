import type { ElectionEvent } from "./event.ts";
import type { ElectionState, Releasing } from "./state.ts";
import type { Step } from "./step.ts";
import { backoff, type Timing } from "./timing.ts";
import { depart, stay } from "./transition.ts";

type Answer = Extract<ElectionEvent, { type: "released" | "release-failed" }>;

/** The answer to a release: of the lease we are leaving, or of an attempt that is cleaned up. */
export function onRelease(timing: Timing, state: ElectionState, event: Answer): Step {
  if (!("unsettled" in state)) return stay(state);
  const unsettled = state.unsettled.filter(({ attempt }) => attempt !== event.attempt);
  if (unsettled.length === state.unsettled.length) return stay(state);
  if (event.type === "release-failed") {
    return state.role === "releasing" ? onFailed(timing, state, event) : stay(state);
  }
  const settled = { ...state, unsettled };
  return settled.role === "releasing" && unsettled.length === 0
    ? depart(timing, settled, settled.exit, "confirmed", event.now)
    : stay(settled);
}

function onFailed(
  timing: Timing,
  state: Releasing,
  { now, jitter }: Extract<Answer, { type: "release-failed" }>,
): Step {
  const failures = state.failures + 1;
  const retryAt = now + backoff(timing, failures, jitter);
  return retryAt < state.until
    ? stay({ ...state, failures, retryAt })
    : depart(timing, state, state.exit, "unconfirmed", now);
}
