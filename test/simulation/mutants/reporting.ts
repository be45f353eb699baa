import type { Mutant } from "./mutant.ts";

/** How callbacks hear of a change too late, too early or not at all. */
export const reporting: readonly Mutant[] = [
  {
    name: "the loss is reported after the release",
    breaks: ["I5"],
    file: "src/elector/loop.ts",
    replace: [
      `        this.#deposed(effect.reason);
        return;
      case "drain-timeout":
        this.#listener.drainTimeout();
        return;
      case "departed":
`,
      `        this.left = ["stopped", "resigned"].includes(effect.reason) ? effect.reason : undefined;
        if (this.left === undefined) this.#deposed(effect.reason);
        else this.dispatch({ type: "loss-reported", pending: 0 });
        return;
      case "drain-timeout":
        this.#listener.drainTimeout();
        return;
      case "departed":
        if (this.left !== undefined) this.#listener.deposed(this.left);
        this.left = undefined;
`,
    ],
  },
  {
    name: "a gain is reported that is over",
    breaks: ["I5"],
    file: "src/elector/terms/leadership-listeners.ts",
    replace: [" || !stillLeads()", ""],
  },
  {
    name: "a loss is reported in the opposite order",
    breaks: ["I5"],
    file: "src/elector/terms/leadership-listeners.ts",
    replace: [
      "this.#listeners) {\n      if (!this.#listeners.includes(listener) || listener.owed",
      "[...this.#listeners].reverse()) {\n      if (!this.#listeners.includes(listener) || listener.owed",
    ],
  },
  {
    name: "a loss is reported before isLeader() says so",
    breaks: ["I5"],
    file: "src/elector/loop.ts",
    replace: [
      "    this.#state = state;\n",
      '    for (const { type } of effects) if (type === "deposed") this.#listener.deposed("expired");\n' +
        "    this.#state = state;\n",
    ],
  },
  {
    name: "a loss by the deadline is not reported",
    breaks: ["I5", "I6"],
    file: "src/election/transition.ts",
    replace: ['effects: [{ type: "deposed", attempt: from.lease.attempt, reason }]', "effects: []"],
  },
  {
    name: "the rejection of a callback is not handled",
    breaks: ["I8"],
    file: "src/elector/events.ts",
    replace: [
      "return Promise.resolve(result).then(undefined, report);",
      "return Promise.resolve(result);",
    ],
  },
];
