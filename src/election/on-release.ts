import type { Step } from "./effect.ts";
import type { ElectionEvent } from "./event.ts";
import type { ElectionState, Leftover, Releasing } from "./state.ts";
import { backoff, type Timing } from "./timing.ts";
import { finishLeaving, stay } from "./transition.ts";

type Answer = Extract<ElectionEvent, { type: "released" | "release-failed" }>;

/** The answer to a release: of the lease we are leaving, or of an attempt that is cleaned up. */
export function onReleaseAnswer(timing: Timing, state: ElectionState, event: Answer): Step {
  const asked = state.leftovers.find(({ attempt }) => attempt === event.attempt);
  if (asked === undefined) return stay(state);
  if (event.type === "release-failed") {
    return onFailed(timing, state, event);
  }
  if (event.sentAt < asked.decidedAt) return onOvertaking(timing, state, asked);
  const settled = { ...state, leftovers: state.leftovers.filter((other) => other !== asked) };
  return settled.role === "releasing" && settled.leftovers.length === 0
    ? finishLeaving(timing, settled, settled.exit, "confirmed", event.now)
    : stay(settled);
}

/**
 * The request that is given back may still be on its way: on a connection that was lost, say, while the
 * release went through the next one. So it is given back once more, when it can win nothing any more.
 */
function onOvertaking(timing: Timing, state: ElectionState, { decidedAt }: Leftover): Step {
  if (state.role !== "releasing") return stay(state); // Before the next attempt, or by a stop.
  const retryAt = Math.min(state.retryAt ?? decidedAt, decidedAt);
  const until = Math.max(state.until, decidedAt + timing.renewalInterval);
  return stay({ ...state, retryAt, until });
}

function onFailed(
  timing: Timing,
  state: ElectionState,
  event: Extract<Answer, { type: "release-failed" }>,
): Step {
  if (state.role === "releasing") return leaveLater(timing, state, event);
  // Before the next attempt, or by a stop; while work keeps us from asking, for its own sake.
  if (state.role !== "candidate" || !state.working) return stay(state);
  const failures = state.failures + 1;
  const retryAt = event.now + backoff(timing, failures, event.jitter);
  return stay({ ...state, failures, attemptAt: Math.min(state.attemptAt, retryAt) });
}

function leaveLater(
  timing: Timing,
  state: Releasing,
  { now, jitter }: Extract<Answer, { type: "release-failed" }>,
): Step {
  const failures = state.failures + 1;
  const retryAt = now + backoff(timing, failures, jitter);
  return retryAt < state.until
    ? stay({ ...state, failures, retryAt })
    : finishLeaving(timing, state, state.exit, "unconfirmed", now);
}
