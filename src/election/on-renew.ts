import type { Step } from "./effect.ts";
import type { ElectionEvent } from "./event.ts";
import type { Draining, ElectionState, HeldLease, Leader } from "./state.ts";
import { backoff, type Timing, trustedUntil } from "./timing.ts";
import { lose, stay, withLease, withoutLease } from "./transition.ts";

type Answer = Extract<ElectionEvent, { type: "renewed" | "superseded" | "renew-failed" }>;

/** The answer to a renewal. */
export function onRenewAnswer(timing: Timing, state: ElectionState, event: Answer): Step {
  if (state.role !== "leader" && state.role !== "draining") return stay(state);
  const { lease } = state;
  if (lease?.attempt !== event.attempt) return stay(state);
  switch (event.type) {
    case "renewed":
      return onRenewed(timing, state, lease, event.sentAt);
    case "superseded":
      return state.role === "leader"
        ? lose(timing, state, "superseded", event.now)
        : stay(withoutLease(timing, state, lease));
    case "renew-failed":
      return onFailed(timing, state, lease, event);
  }
}

function onRenewed(
  timing: Timing,
  state: Leader | Draining,
  lease: HeldLease,
  sentAt: number,
): Step {
  const until = trustedUntil(timing, sentAt);
  // Answers may overtake each other, and an older one knows less.
  if (until <= lease.trustedUntil) return stay(state);
  // Written out, as in withLease().
  const { attempt, token } = lease;
  const renewAt = sentAt + timing.renewalInterval;
  const answered = { unanswered: false, failures: 0 };
  return stay(withLease(state, { attempt, token, trustedUntil: until, renewAt, ...answered }));
}

/** Retried inside the time that is left; leadership is given up at the deadline and not before. */
function onFailed(
  timing: Timing,
  state: Leader | Draining,
  lease: HeldLease,
  event: Extract<Answer, { type: "renew-failed" }>,
): Step {
  const failures = lease.failures + 1;
  const renewAt = Math.min(lease.renewAt, event.now + backoff(timing, failures, event.jitter));
  return stay(withLease(state, { ...lease, renewAt, failures }));
}
