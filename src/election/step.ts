import type { Step } from "./effect.ts";
import type { ElectionEvent } from "./event.ts";
import { onAcquireAnswer } from "./on-acquire.ts";
import { onCallbacksSettled, onLeave, onLossReported, onStart, onWork } from "./on-command.ts";
import { onReleaseAnswer } from "./on-release.ts";
import { onRenewAnswer } from "./on-renew.ts";
import { onDeadline, onWake } from "./on-time.ts";
import type { ElectionState } from "./state.ts";
import type { Timing } from "./timing.ts";

/**
 * The whole election: what follows from an event. Pure, so that the same state and event always give
 * the same step, with no clock, no randomness and no I/O.
 *
 * Whatever the event is, a deadline that has passed comes first: a pause of the process delivers late
 * answers before late timers, and a late answer must not bring a lost term back.
 */
export function step(timing: Timing, state: ElectionState, event: ElectionEvent): Step {
  const due = onDeadline(timing, state, event.now);
  const next = onEvent(timing, due.state, event);
  if (due.effects.length === 0) return next;
  return { state: next.state, effects: [...due.effects, ...next.effects] };
}

function onEvent(timing: Timing, state: ElectionState, event: ElectionEvent): Step {
  switch (event.type) {
    case "start":
      return onStart(timing, state, event.now);
    case "stop":
    case "resign":
      return onLeave(timing, state, event.type, event.now);
    case "work-started":
    case "work-settled":
      return onWork(timing, state, event.type === "work-started", event.now);
    case "loss-reported":
      return onLossReported(timing, state, event.pending, event.now);
    case "callbacks-settled":
      return onCallbacksSettled(timing, state, event.now);
    case "wake":
    case "hint":
      return onWake(timing, state, event);
    case "granted":
    case "refused":
    case "acquire-failed":
      return onAcquireAnswer(timing, state, event);
    case "renewed":
    case "superseded":
    case "renew-failed":
      return onRenewAnswer(timing, state, event);
    case "released":
    case "release-failed":
      return onReleaseAnswer(timing, state, event);
  }
}
