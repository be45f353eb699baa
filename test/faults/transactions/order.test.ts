import { expect, test } from "vitest";
import { lateRows } from "./order.ts";

test("rows of one term after another are in order", () => {
  expect(lateRows([])).toEqual([]);
  expect(lateRows([1, 1, 4, 4, 9])).toEqual([]);
});

test("a row of an older term after one of a newer term is late, and so is each that follows it", () => {
  expect(lateRows([1, 4, 1, 1, 4, 5, 4])).toEqual([
    { at: 2, token: 1, after: 4 },
    { at: 3, token: 1, after: 4 },
    { at: 6, token: 4, after: 5 },
  ]);
});
