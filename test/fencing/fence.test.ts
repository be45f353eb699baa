import { describe, expect, test } from "vitest";
import { MemoryFence } from "../../src/fencing/fence.ts";

describe("a fence in memory", () => {
  test("admits a token that is not smaller than the largest it has seen", () => {
    const fence = new MemoryFence();
    expect([5, 5, 7, 6, 7].map((token) => fence.raise("a", token))).toEqual([5, 5, 7, 7, 7]);
  });

  test("compares only tokens for the same resource", () => {
    const fence = new MemoryFence();
    fence.raise("a", 7);
    expect(fence.raise("b", 1)).toBe(1);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, "9", undefined])(
    "refuses %j for a token, and remembers what it has seen",
    (token) => {
      const fence = new MemoryFence();
      fence.raise("a", 7);
      expect(() => fence.raise("a", token as number)).toThrow(/^token must be a whole number/);
      expect([6, 7].map((later) => fence.raise("a", later))).toEqual([7, 7]);
    },
  );
});
