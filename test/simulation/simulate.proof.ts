import { beforeAll, describe, expect, test } from "vitest";
import { scenarioOf } from "../../simulation/scenario-of.ts";
import { type Outcome, runSeed } from "../../simulation/simulate.ts";

/** For a machine that has other things to do: on an idle one, a hundredth of it is enough. */
const PATIENCE = 180_000;

const seeds = Array.from({ length: 300 }, (_, index) => index);

describe("a simulated run on a register without a clock", () => {
  test(
    "is the same every time, keeps every promise, and has faults of every kind",
    async () => {
      const counts: Record<string, number> = {};
      for (const seed of seeds.slice(0, 200)) {
        const { digest, violation, ...outcome } = await runSeed(seed, { servers: 0 });
        expect({ seed, violation }).toEqual({ seed, violation: undefined });
        if (seed < 20) expect((await runSeed(seed, { servers: 0 })).digest).toBe(digest);
        for (const [kind, count] of Object.entries(outcome.counts)) {
          counts[kind] = (counts[kind] ?? 0) + count;
        }
      }
      const { calls, "calls of several requests": shared, ...rest } = counts;
      expect([calls, shared]).toEqual([0, 0]);
      expect(Object.entries(rest).filter(([, count]) => count < 5)).toEqual([]);
    },
    PATIENCE,
  );
});

describe("a simulated run", () => {
  const outcomes = new Map<number, Outcome>();

  beforeAll(async () => {
    for (const seed of seeds) outcomes.set(seed, await runSeed(seed));
  }, PATIENCE);

  test(
    "is the same every time",
    async () => {
      for (const seed of seeds.slice(0, 100)) {
        const { digest, counts } = await runSeed(seed);
        const once = outcomes.get(seed);
        expect({ seed, digest, counts }).toEqual({
          seed,
          digest: once?.digest,
          counts: once?.counts,
        });
      }
    },
    PATIENCE,
  );

  test("is another one for another seed", () => {
    const digests = new Set([...outcomes.values()].map(({ digest }) => digest));
    expect(digests.size).toBe(seeds.length);
  });

  test(
    "is not changed by being written down",
    async () => {
      for (const seed of seeds.slice(0, 50)) {
        const { digest, transcript } = await runSeed(seed, { transcript: true });
        expect({ seed, digest }).toEqual({ seed, digest: outcomes.get(seed)?.digest });
        expect(transcript.length).toBeGreaterThan(3);
      }
    },
    PATIENCE,
  );

  test("keeps every promise, and has elections, renewals and faults of every kind", () => {
    const counts: Record<string, number> = {};
    for (const [seed, outcome] of outcomes) {
      expect({ seed, violation: outcome.violation }).toEqual({ seed, violation: undefined });
      for (const [kind, count] of Object.entries(outcome.counts)) {
        counts[kind] = (counts[kind] ?? 0) + count;
      }
    }
    expect(Object.entries(counts).filter(([, count]) => count < 5)).toEqual([]);
    expect(counts["elections"]).toBeGreaterThan(seeds.length);
    expect(counts["renewals"]).toBeGreaterThan(seeds.length);
    // Or it would not be seen what requests of one call do to each other.
    expect(counts["calls of several requests"]).toBeGreaterThan(seeds.length);
  });
});

describe("a simulated run behind a proxy, which leads to another database and back", () => {
  test.each(["postgres", "mysql"] as const)(
    "is the same every time, and keeps every promise: %s",
    async (store) => {
      const isLedElsewhere = (seed: number) => scenarioOf(seed, 1, store).second !== undefined;
      const counts: Record<string, number> = {};
      for (const seed of seeds.filter(isLedElsewhere).slice(0, 6)) {
        const { digest, violation, ...outcome } = await runSeed(seed, { store });
        expect({ seed, violation }).toEqual({ seed, violation: undefined });
        expect((await runSeed(seed, { store })).digest).toBe(digest);
        for (const kind of ["elections", "renewals", "switch"]) {
          counts[kind] = (counts[kind] ?? 0) + (outcome.counts[kind] ?? 0);
        }
      }
      expect(Object.entries(counts).filter(([, count]) => count < 5)).toEqual([]);
    },
    PATIENCE,
  );
});

describe("a simulated run on replicated servers", () => {
  test.each([
    ["sentinel", 30, ["elections", "renewals", "promote", "partition"]],
    ["cluster", 20, ["elections", "renewals", "promote", "partition", "migrate"]],
  ] as const)(
    "of %s is the same every time, keeps every promise, and has failovers",
    async (store, number, wanted) => {
      const counts: Record<string, number> = {};
      for (const seed of seeds.slice(0, number)) {
        const { digest, violation, ...outcome } = await runSeed(seed, { store });
        expect({ seed, violation }).toEqual({ seed, violation: undefined });
        if (seed < 5) expect((await runSeed(seed, { store })).digest).toBe(digest);
        for (const kind of wanted) counts[kind] = (counts[kind] ?? 0) + (outcome.counts[kind] ?? 0);
      }
      expect(Object.entries(counts).filter(([, count]) => count < 5)).toEqual([]);
    },
    PATIENCE,
  );
});
