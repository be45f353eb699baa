import { describe, expect, test } from "vitest";
import { explore } from "../../../simulation/observed/exhaustive/explore.ts";
import {
  type Instance,
  instance,
  type Rules,
  realRules,
} from "../../../simulation/observed/exhaustive/instance.ts";

/** Rules, each of them with one mistake, and what the mistake leads to in a small election. */
const mistakes: Readonly<
  Record<string, readonly [violates: RegExp, election: Instance, broken: Partial<Rules>]>
> = {
  "if a record is dated when it was asked for": [
    /^I4/,
    instance("", {}, { latecomer: true }),
    {
      viewOf: (view, cell, { now, ...rest }) =>
        realRules.viewOf(view, cell, {
          ...rest,
          now: Number.isFinite(rest.sentAt) ? rest.sentAt : now,
        }),
    },
  ],
  "if writes have neither number nor date": [
    /^I4/,
    instance("", { renewals: 2 }),
    { numbers: false },
  ],
  "if an observer waits for less than half a ttl": [
    /^I4/,
    instance("", {}),
    {
      acquire: (sighting, wish, moment) =>
        realRules.acquire({ ...sighting, seenAt: sighting.seenAt - 0.6 * wish.ttl }, wish, moment),
    },
  ],
  "if an absent record is free": [
    /^I1/,
    instance("", { rollbacks: 1 }, { isFounded: false }),
    {
      acquire: (sighting, wish, moment) =>
        realRules.acquire(sighting, wish, {
          ...moment,
          isGuarded: sighting.cell.record !== undefined,
        }),
    },
  ],
  "if a record from the past is believed to be free": [
    /^I1/,
    instance("", { rollbacks: 1 }),
    {
      acquire: (sighting, wish, moment) =>
        realRules.acquire(sighting, wish, {
          ...moment,
          isGuarded: sighting.cell.record === undefined,
        }),
    },
  ],
  "if an interruption during a write is overlooked": [
    /^I1/,
    instance("", { rollbacks: 1 }),
    { doubts: false },
  ],
  "if a release forgets a write that is still on its way": [
    /^I7/,
    instance("", { releases: 1 }),
    { cleansUp: () => false },
  ],
  "if a release frees the lease of another attempt": [
    /^I4/,
    instance("", { releases: 1 }),
    { cleansUp: () => true },
  ],
};

export function explored(instances: readonly Instance[]): void {
  describe("everything that can happen on a register was tried, and nothing was violated, with", () => {
    test.each(instances.map((each) => [each.name, each] as const))(
      "%s",
      (_, election) => {
        const { violation, actions, isExhausted, states } = explore(election);
        expect(violation, JSON.stringify(actions)).toBeUndefined();
        expect(isExhausted).toBe(true);
        // Fewer would mean that something cannot happen any more.
        expect(states).toBeGreaterThan(2000);
      },
      300_000,
    );
  });
}

export function seenMistakes(): void {
  describe("a counter-example is found", () => {
    test.each(Object.entries(mistakes))("%s", (_, [violates, election, broken]) => {
      const { violation } = explore({ ...election, rules: { ...realRules, ...broken } });
      expect(violation).toMatch(violates);
    });

    test("for the limit: a candidate comes after the register was set back to a free lease", () => {
      const { violation, actions } = explore(
        instance("", { rollbacks: 1 }, { latecomer: true, isFounded: true }),
      );
      expect(violation).toMatch(/^I1/);
      expect(actions).toContainEqual(expect.objectContaining({ type: "set-back" }));
    });
  });
}
