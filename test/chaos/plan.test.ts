import { describe, expect, test } from "vitest";
import { planOf } from "./plan.ts";
import { randomOf } from "./random.ts";
import { stores } from "./stores/stores.ts";

const { faults } = stores.redis;

describe("a plan", () => {
  const names = (seed: number, rounds: number) => {
    const plan = planOf(randomOf(seed), faults);
    return Array.from({ length: rounds }, () => plan.next().value.map(({ name }) => name));
  };

  test("is the same again with the same seed, and another with another", () => {
    expect(names(7, 50)).toEqual(names(7, 50));
    expect(names(7, 50)).not.toEqual(names(8, 50));
  });

  test("has every fault equally often, some at a time, and never two of a server", () => {
    const rounds = names(7, 1000);
    const counts = faults.map(({ name }) => rounds.flat().filter((drawn) => drawn === name).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    expect(rounds.filter((round) => round.length > 1).length).toBeGreaterThan(200);
    const areas = new Map(faults.map(({ name, area }) => [name, area]));
    const ofServers = rounds.map((round) => round.filter((name) => areas.get(name) === "server"));
    expect(Math.max(...ofServers.map(({ length }) => length))).toBe(1);
  });
});
