import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Effect } from "../../src/election/effect.ts";
import type { ElectionEvent } from "../../src/election/event.ts";
import { type ElectionState, initialState, isLeading, nextWake } from "../../src/election/state.ts";
import { step } from "../../src/election/step.ts";
import { timing } from "./transcript.ts";

/** Anything that may happen, with numbers that mostly fit what is under way. */
const happening = fc.record({
  type: fc.constantFrom<ElectionEvent["type"]>(
    ...([
      "start",
      "stop",
      "resign",
      "wake",
      "wake",
      "hint",
      "work-started",
      "work-settled",
      "callbacks-settled",
    ] as const),
    ...(["granted", "granted", "refused", "acquire-failed", "renewed", "superseded"] as const),
    ...(["renew-failed", "released", "release-failed"] as const),
  ),
  wait: fc.integer({ min: 0, max: 400 }),
  age: fc.integer({ min: 0, max: 400 }),
  older: fc.constantFrom(0, 0, 0, 1),
  applied: fc.constantFrom("no" as const, "maybe" as const),
  pending: fc.constantFrom(0, 0, 1),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

interface Moment {
  readonly event: ElectionEvent;
  readonly before: ElectionState;
  readonly state: ElectionState;
  readonly effects: readonly Effect[];
}

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/**
 * Plays the happenings one after the other; tokens grow as the stores promise. A loss is reported before anything
 * else happens: callbacks are synchronous.
 */
function play(happenings: readonly Happening[]): Moment[] {
  let now = 0;
  let token = 0;
  let state: ElectionState = initialState;
  const take = (event: ElectionEvent): Moment => {
    const before = state;
    const next = step(timing, before, event);
    state = next.state;
    return { event, before, state, effects: next.effects };
  };
  return happenings.flatMap(({ type, wait, age, older, applied, pending, jitter }) => {
    now += wait;
    token += 1;
    const attempt = state.attempts - older;
    const sentAt = now - age;
    const fields = { attempt, token, sentAt, applied, jitter, retryIn: age, now };
    const event = { type, ...fields } as ElectionEvent; // Has the fields of every type.
    const moment = take(event);
    if (!moment.effects.some((effect) => effect.type === "deposed")) return [moment];
    return [moment, take({ type: "loss-reported", pending, now })];
  });
}

/** Checks every history; fast-check prints the seed and the shortest one that fails. */
function always(check: (history: Moment[]) => void): void {
  void fc.assert(
    // The size, because an array is of about ten otherwise, whatever its longest length.
    fc.property(fc.array(happening, { maxLength: 60, size: "max" }), (happenings) =>
      check(play(happenings)),
    ),
    { numRuns: 1000 },
  );
}

const effectsOf = (history: Moment[]) => history.flatMap(({ effects }) => effects);

describe("in every history", () => {
  test("gains and losses alternate, and a loss names the term that was gained", () => {
    always((history) => {
      let led: number | undefined;
      for (const effect of effectsOf(history)) {
        if (effect.type === "elected") {
          expect(led).toBeUndefined();
          led = effect.attempt;
        }
        if (effect.type === "deposed") {
          expect(effect.attempt).toBe(led);
          led = undefined;
        }
      }
    });
  });

  test("no process leads before its gain is reported, and a loss is reported with the next event", () => {
    always((history) => {
      let isReported = false;
      for (const { event, state, effects } of history) {
        for (const { type } of effects) {
          if (type === "elected") isReported = true;
          if (type === "deposed") isReported = false;
        }
        expect(isLeading(state, event.now)).toBe(isReported);
      }
    });
  });

  test("trust grows only by an answer, and never beyond what was asked before the deadline", () => {
    always((history) => {
      for (const { event, before, state } of history) {
        if (state.role !== "leader") continue;
        const grown =
          before.role !== "leader" || state.lease.trustedUntil > before.lease.trustedUntil;
        if (!grown) continue;
        expect(["granted", "renewed"]).toContain(event.type);
        if (event.type !== "granted" && event.type !== "renewed") continue;
        expect(state.lease.trustedUntil).toBe(event.sentAt + timing.ttl - timing.margin);
        if (before.role === "leader") expect(event.now).toBeLessThan(before.lease.trustedUntil);
      }
    });
  });

  test("a lease is released only after its loss was reported, or if it was never believed", () => {
    always((history) => {
      let led: number | undefined;
      for (const effect of effectsOf(history)) {
        if (effect.type === "elected") led = effect.attempt;
        if (effect.type === "deposed") led = undefined;
        if (effect.type === "release") expect(effect.attempt).not.toBe(led);
      }
    });
  });

  test("a lease is kept while callbacks of an exit have not settled, until the drain timeout", () => {
    always((history) => {
      for (const { before, state, effects, event } of history) {
        if (before.role !== "draining" || before.callbacks === "settled") continue;
        const isOver = event.type === "callbacks-settled" || event.now >= before.drainUntil;
        const isReport = event.type === "loss-reported" && event.pending === 0;
        if (isOver || isReport) continue;
        expect(state.role).toBe("draining");
        expect(effects.filter(({ type }) => type === "release")).toEqual([]);
      }
    });
  });

  test("no lease is renewed after the drain timeout, or brings a term back", () => {
    always((history) => {
      let exitUntil = Number.POSITIVE_INFINITY;
      for (const { state, effects, event } of history) {
        if (state.role === "draining") exitUntil = state.drainUntil;
        if (effects.some(({ type }) => type === "elected")) exitUntil = Number.POSITIVE_INFINITY;
        if (event.now < exitUntil) continue;
        expect(effects.filter(({ type }) => type === "renew")).toEqual([]);
      }
    });
  });

  test("attempts are numbered, and each number asks once", () => {
    always((history) => {
      const asked = effectsOf(history).flatMap((effect) =>
        effect.type === "acquire" ? [effect.attempt] : [],
      );
      expect(asked).toEqual(asked.map((_, index) => index + 1));
    });
  });

  test("nothing is asked of the store while idle, and no wake is due", () => {
    always((history) => {
      for (const { state, effects } of history) {
        if (state.role !== "idle") continue;
        expect(nextWake(state)).toBeUndefined();
        expect(effects.filter(({ type }) => type === "acquire" || type === "renew")).toEqual([]);
      }
    });
  });

  test("an election that is not idle waits for an answer, for its work, or for a wake", () => {
    always((history) => {
      for (const { state } of history) {
        const waits = state.role === "campaigning" || state.role === "releasing" || state.working;
        if (state.role !== "idle" && !waits) expect(nextWake(state)).toBeTypeOf("number");
      }
    });
  });

  test("a wake that is due leads on, however late it comes", () => {
    always((history) => {
      for (const { state, event } of history) {
        const wake = nextWake(state);
        if (wake === undefined) continue;
        for (const late of [0, 400, 5000]) {
          const now = Math.max(wake, event.now) + late;
          const next = step(timing, state, { type: "wake", now });
          if (nextWake(next.state) === wake) expect(next.effects).not.toEqual([]);
        }
      }
    });
  });
});
