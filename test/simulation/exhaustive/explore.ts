import { describe, expect, test } from "vitest";
import { type Exploration, explore } from "../../../simulation/exhaustive/explore.ts";
import type { Instance } from "../../../simulation/exhaustive/instance.ts";
import { oneServer, threeServers } from "../../../simulation/exhaustive/instances.ts";
import { replay, say } from "../../../simulation/exhaustive/transcript.ts";
import { brokenRules } from "../redis/broken-rules.ts";
import { brokenTallies } from "./broken-tallies.ts";

function transcriptOf(instance: Instance, { counterExample }: Exploration): string {
  return counterExample === undefined
    ? "nothing was violated"
    : replay(instance, counterExample.actions.map(say)).transcript;
}

export function explored(instances: readonly Instance[]): void {
  describe("everything that can happen was tried, and nothing was violated, with", () => {
    test.each(instances.map((instance) => [instance.name, instance] as const))(
      "%s",
      (_, instance) => {
        const exploration = explore(instance);
        expect(transcriptOf(instance, exploration)).toBe("nothing was violated");
        expect(exploration.exhausted).toBe(true);
        // Fewer would mean that something cannot happen any more.
        expect(exploration.states).toBeGreaterThan(3000);
      },
      300_000,
    );
  });
}

const withoutQuarantine = { rules: brokenRules.noQuarantine };
const longer = { ttl: 4, renewalInterval: 1, margin: 1, pollInterval: 4, drainTimeout: 4 };

/** Rules without one of which one server can have two leaders, or a token twice. */
export const mistakes = [
  ["without a quarantine", "I1", oneServer("", [1, 1], { wipes: 1 }), "noQuarantine"],
  [
    "with half a quarantine",
    "I1",
    oneServer("", [1, 2], { wipes: 1 }, { timing: longer, quarantine: longer.ttl }),
    "halfQuarantine",
  ],
  ["if an attempt may overwrite an earlier one", "I1", oneServer("", [2, 1], {}), "ownOverwrite"],
  [
    "if tokens neither follow the clock nor stand above a floor",
    "I2",
    oneServer("", [1, 2], { wipes: 1 }),
    "plainCounterWithoutFloor",
  ],
  [
    "if a release forgets the token",
    "I2",
    oneServer("", [1, 1], { resignations: 1 }),
    "releaseForgets",
  ],
] as const;

export function seenMistakes(rows: readonly (typeof mistakes)[number][]): void {
  describe("a counter-example is found", () => {
    test.each(rows)("%s", (_, violates, base, rules) => {
      const instance = { ...base, rules: brokenRules[rules] };
      const exploration = explore(instance);
      expect(exploration.counterExample?.violation).toMatch(violates);
      // It is written in words, and can be gone again by them.
      expect(transcriptOf(instance, exploration).split("\n").at(-1)).toMatch(violates);
    });
  });
}

export function seenTrust(): void {
  describe("a counter-example is found", () => {
    test("if leases belong to processes", () => {
      const instance = oneServer("", [2, 1], {}, { identity: "node" });
      expect(explore(instance).counterExample?.violation).toBe("I1: c0 and c1 both lead");
    });

    test("if a lease is trusted beyond its end", () => {
      const instance = oneServer("", [1, 2], {}, { timing: { ...longer, margin: -1 } });
      expect(explore(instance).counterExample?.violation).toBe("I1: c0 and c1 both lead");
    });
  });
}

export const mistakesOfThree = [
  ["if one of three servers can elect", threeServers("", {}, { tally: brokenTallies.minority })],
  ["if three servers have no quarantine", threeServers("", { wipes: 1 }, withoutQuarantine)],
  [
    "if they have none, and answers come at any time",
    threeServers("", { wipes: 1 }, { ...withoutQuarantine, lateAnswers: true }),
  ],
] as const;

export function seenMistakesOfThree(rows: readonly (typeof mistakesOfThree)[number][]): void {
  describe("a counter-example is found", () => {
    test.each(rows)("%s", (_, instance) => {
      const exploration = explore(instance);
      expect(exploration.counterExample?.violation).toBe("I1: c0 and c1 both lead");
      expect(transcriptOf(instance, exploration)).toMatch(/I1: c0 and c1 both lead$/);
    });
  });
}

export function seenAsSoon(): void {
  describe("a counter-example is found", () => {
    test.each([
      [
        "without a quarantine",
        oneServer("", [1, 1], { wipes: 1 }, { rules: brokenRules.noQuarantine }),
      ],
      ["with own overwrite", oneServer("", [2, 1], {}, { rules: brokenRules.ownOverwrite })],
      [
        "with a release that forgets",
        oneServer("", [1, 1], { resignations: 1 }, { rules: brokenRules.releaseForgets }),
      ],
      [
        "with three servers that have no quarantine",
        threeServers("", { wipes: 1 }, withoutQuarantine),
      ],
    ] as const)("as soon as without leaving anything out, %s", (_, instance) => {
      const pruned = explore(instance);
      const whole = explore({ ...instance, prunes: false });
      expect(whole.states).toBeGreaterThan(2 * pruned.states);
      expect(whole.counterExample?.violation).toBe(pruned.counterExample?.violation);
      expect(whole.counterExample?.actions.length).toBe(pruned.counterExample?.actions.length);
    });
  });
}
