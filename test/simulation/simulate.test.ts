import { describe, expect, test } from "vitest";
import { runSeed } from "../../src/simulation/simulate.ts";

const seeds = Array.from({ length: 300 }, (_, index) => index);

describe("a simulated run", () => {
  test("is the same every time", async () => {
    for (const seed of seeds) {
      const [once, again] = [await runSeed(seed), await runSeed(seed)];
      expect({ seed, digest: again.digest, counts: again.counts }).toEqual({
        seed,
        digest: once.digest,
        counts: once.counts,
      });
    }
  });

  test("is another one for another seed", async () => {
    const digests = new Set<number>();
    for (const seed of seeds) digests.add((await runSeed(seed)).digest);
    expect(digests.size).toBe(seeds.length);
  });

  test("is not changed by being written down", async () => {
    for (const seed of seeds.slice(0, 50)) {
      const told = await runSeed(seed, { transcript: true });
      expect({ seed, digest: told.digest }).toEqual({ seed, digest: (await runSeed(seed)).digest });
      expect(told.transcript.length).toBeGreaterThan(3);
    }
  });

  test("keeps every promise, and has elections, renewals and faults of every kind", async () => {
    const counts: Record<string, number> = {};
    for (const seed of seeds) {
      const outcome = await runSeed(seed);
      expect({ seed, violation: outcome.violation }).toEqual({ seed, violation: undefined });
      for (const [kind, count] of Object.entries(outcome.counts)) {
        counts[kind] = (counts[kind] ?? 0) + count;
      }
    }
    expect(Object.entries(counts).filter(([, count]) => count < 5)).toEqual([]);
    expect(counts["elections"]).toBeGreaterThan(seeds.length);
    expect(counts["renewals"]).toBeGreaterThan(seeds.length);
  });
});
