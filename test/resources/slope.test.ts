import { expect, test } from "vitest";
import { slopeOf } from "./slope.ts";

test("what grows by 2 in a second grows by 7200 in an hour, whatever it began with", () => {
  const points = [0, 1, 2, 3].map((second) => ({
    at: 5000 + 1000 * second,
    value: 9 + 2 * second,
  }));
  expect(slopeOf(points)).toBeCloseTo(7200);
});

test("what goes up and down and ends where it began does not grow", () => {
  const points = [1, 5, 5, 1].map((value, second) => ({ at: 1000 * second, value }));
  expect(slopeOf(points)).toBeCloseTo(0);
});
