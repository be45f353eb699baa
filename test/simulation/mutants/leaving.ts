import type { Mutant } from "./mutant.ts";

/** How something is left behind, or no successor comes. */
export const leaving: readonly Mutant[] = [
  {
    name: "a stop during an acquire does not stop it from leading",
    breaks: ["I7"],
    file: "src/election/on-acquire.ts",
    replace: [
      'if (state.withdrawn) return startReleasing(timing, state, "stop", leftovers, now);',
      "",
    ],
  },
  {
    name: "a stop leaves what may have been granted",
    breaks: ["I7"],
    file: "src/election/transition.ts",
    replace: ["return remaining.length === 0", "return true"],
    trace: "a-resignation-that-was-not-confirmed.json",
  },
  {
    name: "an attempt that was given up is not cleaned up",
    breaks: ["I7"],
    file: "src/election/on-acquire.ts",
    replace: ['return applied === "maybe" ? [', "return applied === undefined ? ["],
    trace: "an-acquire-that-was-granted-unheard.json",
  },
  {
    name: "a lost term forgets its lease",
    breaks: ["I7", "I12"],
    file: "src/election/transition.ts",
    replace: ["[leftoverOf(timing, from.lease), ...from.leftovers]", "[...from.leftovers]"],
  },
  {
    name: "a lease that is lost while work drains is forgotten",
    breaks: ["I7"],
    file: "src/election/transition.ts",
    replace: [
      "leftovers: [leftoverOf(timing, lease), ...from.leftovers] }",
      "leftovers: from.leftovers }",
    ],
    trace: "a-stop-after-a-lease-that-ended-while-draining.json",
  },
  {
    name: "of several attempts that may have been granted only the last is cleaned up",
    breaks: ["I7"],
    file: "src/election/on-acquire.ts",
    replace: [
      "const leftovers = [...state.leftovers, ...left];",
      "const leftovers = left.length > 0 ? left : state.leftovers;",
    ],
    trace: "an-attempt-after-one-that-was-granted-unheard.json",
  },
  {
    name: "a release that has overtaken its attempt counts",
    breaks: ["I7"],
    file: "src/election/on-release.ts",
    replace: ["event.sentAt < asked.decidedAt", "false"],
    trace: "a-release-that-overtakes-its-acquire.json",
  },
  {
    name: "an acquire that is refused by its own lease has nothing",
    breaks: ["I7"],
    file: "src/stores/redis/redis-node.ts",
    replace: ['first === "1" ? "maybe"', 'first === "2" ? "maybe"'],
    trace: "a-repeated-acquire-that-is-refused-first.json",
  },
  {
    name: "callbacks are not waited for",
    breaks: ["I13"],
    file: "src/election/on-command.ts",
    replace: ['callbacks: pending > 0 ? "pending" : "settled"', 'callbacks: "settled"'],
  },
  {
    name: "callbacks of the gain are not waited for",
    breaks: ["I13"],
    file: "src/elector/loop.ts",
    replace: [
      "this.#await(this.#listener.elected(token, since, () => this.#remaining(token)));",
      "this.#listener.elected(token, since, () => this.#remaining(token));",
    ],
  },
  {
    name: "work that settles ends a drain, whatever callbacks do",
    breaks: ["I13"],
    file: "src/election/transition.ts",
    replace: ['state.working || state.callbacks !== "settled"', "state.working"],
  },
  {
    name: "timers are left after a stop",
    breaks: ["I7"],
    file: "src/elector/requests/requests.ts",
    replace: [
      "this.#abandon(this.#underWay);\n    this.#loop.armWake();",
      "this.#abandon(this.#underWay);",
    ],
  },
  {
    name: "a release leaves renewals that are still awaited",
    breaks: ["I7"],
    file: "src/elector/loop.ts",
    replace: ["this.#requests.abandonRenewals();", ""],
    trace: "a-renewal-after-a-superseded-term.json",
  },
  {
    name: "a subscription is left after a stop",
    breaks: ["I7"],
    file: "src/elector/elector.ts",
    replace: ["this.#unwatch();", ""],
  },
  {
    name: "a hint wakes no candidate",
    breaks: ["I9"],
    file: "src/election/on-time.ts",
    replace: ['event.type === "hint" && awaitsHint(state, now)', "false"],
  },
  {
    name: "a release is not published",
    breaks: ["I9"],
    file: "simulation/redis/release.ts",
    replace: ['if (channel !== "")', "if (false)"],
  },
  {
    name: "who is superseded goes back to sleep for ever",
    breaks: ["I9"],
    file: "src/election/transition.ts",
    replace: [
      "state: becomeCandidate(from, { attemptAt: now, leftovers, overdueAt })",
      "state: becomeCandidate(from, { attemptAt: Number.POSITIVE_INFINITY, leftovers, overdueAt })",
    ],
  },
  {
    name: "an attempt that has ended lets no other candidate of the process ask",
    breaks: ["I9"],
    file: "src/elector/requests/requests.ts",
    replace: ['if (request.operation === "acquire") this.#admissions.leave();', ""],
  },
];
