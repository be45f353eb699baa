import { describe, expect, test } from "vitest";
import { Random } from "../../simulation/random.ts";

const numbers = (random: Random) => Array.from({ length: 20 }, () => random.fraction());

describe("chance by seed", () => {
  test("is the same for the same seed and stream", () => {
    expect(numbers(new Random(7, 1, 2))).toEqual(numbers(new Random(7, 1, 2)));
  });

  test.each([
    ["another seed", new Random(8, 1, 2)],
    ["a seed that differs above 32 bits", new Random(7 + 2 ** 32, 1, 2)],
    ["another stream", new Random(7, 1, 3)],
    ["the streams in another order", new Random(7, 2, 1)],
    ["fewer streams", new Random(7, 1)],
  ])("is another for %s", (_what, other) => {
    const own = new Set(numbers(new Random(7, 1, 2)));
    expect(numbers(other).filter((number) => own.has(number))).toEqual([]);
  });

  test("is spread evenly, also over neighbouring seeds", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 10_000; seed += 1) {
      const tenth = new Random(seed).whole(0, 9);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(850);
    expect(Math.max(...tenths)).toBeLessThan(1150);
  });

  test("brings a list into every order, and loses nothing of it", () => {
    const random = new Random(7);
    const seen = new Set<string>();
    for (let round = 0; round < 200; round += 1) {
      const list = ["a", "b", "c"];
      random.shuffle(list);
      seen.add(list.join(""));
    }
    expect([...seen].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
  });
});
