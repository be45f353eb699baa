import type { Mutant } from "./mutant.ts";

/** How a lease is believed in for too long. */
export const trust: readonly Mutant[] = [
  {
    name: "a granted lease counts from the answer",
    breaks: ["I1", "I4"],
    file: "src/elector/requests/requests.ts",
    replace: ["const { sentAt } = request;", "const sentAt = this.#environment.clock.now();"],
  },
  {
    name: "a renewed lease counts from the answer",
    breaks: ["I1", "I4"],
    file: "src/elector/loop.ts",
    replace: [
      '{ type: "renewed", attempt, sentAt, now }',
      '{ type: "renewed", attempt, sentAt: now, now }',
    ],
  },
  {
    name: "no drift margin",
    breaks: ["I1", "I4"],
    file: "src/election/timing.ts",
    replace: ["Math.max(ttl * driftFactor + 2, safetyMargin)", "safetyMargin"],
  },
  {
    name: "isLeader() is stored, not computed",
    breaks: ["I1", "I4"],
    file: "src/election/state.ts",
    replace: [
      'state.role === "leader" && now < state.lease.trustedUntil',
      'state.role === "leader"',
    ],
  },
  {
    name: "who drains still believes",
    breaks: ["I1", "I5", "I6"],
    file: "src/election/state.ts",
    replace: [
      'state.role === "leader" && now < state.lease.trustedUntil',
      '(state.role === "leader" || state.role === "draining") && now < (state.lease?.trustedUntil ?? 0)',
    ],
  },
  {
    name: "a late answer brings a lost term back",
    breaks: ["I6"],
    file: "src/election/step.ts",
    replace: [
      "onDeadline(timing, state, event.now)",
      'event.type === "wake" ? onDeadline(timing, state, event.now) : { state, effects: [] }',
    ],
    trace: "a-late-answer.json",
  },
  {
    name: "the clock stands still while the machine sleeps",
    breaks: ["I1", "I4"],
    file: "src/elector/time/clock.ts",
    replace: ["asleep += more + resolution;", ""],
  },
  {
    name: "what was counted too much of one sleep is missing in the next",
    breaks: ["I4"],
    file: "src/elector/time/clock.ts",
    replace: ["bootLead = least;", "bootLead = least + resolution;"],
    trace: "a-sleep-after-a-sleep.json",
  },
];
