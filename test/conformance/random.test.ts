import { expect, test } from "vitest";
import { freshId, freshSeed, randomFrom } from "../../src/conformance/random.ts";

test("numbers depend only on the seed, and match mulberry32", () => {
  const random = randomFrom(1);
  expect([random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478]);
});

test("fresh ids and seeds are different each time", () => {
  expect(freshId()).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set([freshId(), freshId(), freshId()]).size).toBe(3);
  expect(new Set([freshSeed(), freshSeed(), freshSeed()]).size).toBeGreaterThan(1);
});
