import { describe, expect, test } from "vitest";
import { median, quantile } from "../../bench/median.mjs";
import { Beliefs } from "../../bench/peers/beliefs.mjs";

describe("a quantile", () => {
  test("is the value that the share lies below, in whatever order they come", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(median(values)).toBe(101);
    expect(quantile(values, 0.99)).toBe(199);
    expect(quantile([7], 0.99)).toBe(7);
  });

  test("of nothing is nothing, and takes the values as they are", () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
    expect(median([])).toBeUndefined();
  });
});

describe("the time with two leaders", () => {
  test("begins with the second who believes and ends with the first who does not", () => {
    const beliefs = believing(["a", 10, 50], ["b", 30, 80], ["c", 45, 60]);
    expect(beliefs.overlap(0, 100)).toBe(30);
    expect(beliefs.overlap(40, 100)).toBe(20);
    expect(beliefs.overlap(0, 40)).toBe(10);
  });

  test("lasts to the end of what is looked at if both believe on", () => {
    const beliefs = believing(["a", 10, 500], ["b", 30, 500]);
    expect(beliefs.overlap(0, 100)).toBe(70);
    expect(beliefs.at(100)).toEqual(["a", "b"]);
  });

  test("is none if one follows the other, also if the reports come out of order", () => {
    const beliefs = new Beliefs();
    beliefs.note(21, "b", true);
    beliefs.note(20, "a", false);
    beliefs.note(10, "a", true);
    expect(beliefs.overlap(0, 100)).toBe(0);
    expect(beliefs.at(100)).toEqual(["b"]);
    expect(beliefs.end("a", 0)).toBe(20);
    expect(beliefs.end("b", 0)).toBeUndefined();
  });
});

function believing(...spans: [candidate: string, from: number, to: number][]) {
  const beliefs = new Beliefs();
  for (const [candidate, from, to] of spans) {
    beliefs.note(from, candidate, true);
    beliefs.note(to, candidate, false);
  }
  return beliefs;
}
