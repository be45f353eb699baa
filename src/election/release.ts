import type { ElectionEvent } from "./event.ts";
import type { ElectionState } from "./state.ts";
import type { Step } from "./step.ts";
import { backoff, type Timing } from "./timing.ts";
import { depart, stay } from "./transition.ts";

type Answer = Extract<ElectionEvent, { type: "released" | "release-failed" }>;

/** The answer to a release: of the lease we are leaving, or of an attempt that is cleaned up. */
export function onRelease(timing: Timing, state: ElectionState, event: Answer): Step {
  if (state.role === "releasing" && state.attempt === event.attempt) {
    return onLeaving(timing, state, event);
  }
  const cleanedUp = event.type === "released";
  const hasAbandoned = state.role === "candidate" || state.role === "campaigning";
  return cleanedUp && hasAbandoned && state.abandoned === event.attempt
    ? stay({ ...state, abandoned: undefined })
    : stay(state);
}

function onLeaving(
  timing: Timing,
  state: Extract<ElectionState, { role: "releasing" }>,
  event: Answer,
): Step {
  const { now } = event;
  if (event.type === "released") return depart(timing, state, state.exit, "confirmed", now);
  const failures = state.failures + 1;
  const retryAt = now + backoff(timing, failures, event.jitter);
  return retryAt < state.until
    ? stay({ ...state, failures, retryAt })
    : depart(timing, state, state.exit, "unconfirmed", now);
}
