import { expect, test } from "vitest";
import { Report } from "./report.ts";

test("a round of two faults counts for both of them, with its time and its violations", () => {
  const report = new Report();
  report.add(["a"], 10, 0);
  report.add(["a", "b"], 30, 1);
  report.add(["a"], 20, 0);
  expect(report.faults).toBe(4);
  expect(report.rows).toEqual([
    { fault: "a", rounds: 3, median: 20, max: 30, violations: 1 },
    { fault: "b", rounds: 1, median: 30, max: 30, violations: 1 },
  ]);
  expect(report.table()).toMatch(/^fault +rounds .*\na +3 +20 +30 +1\nb +1 +30 +30 +1$/);
});
