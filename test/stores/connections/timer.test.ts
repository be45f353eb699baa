import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { surelyPassed } from "../../../src/stores/connections/surely-passed.ts";
import { realClock, realTimer, unrefTimer } from "../../../src/stores/connections/timer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ["realTimer", realTimer],
  ["unrefTimer", unrefTimer],
])("%s", (_name, timer) => {
  test("fires once, after its time, unless it is cancelled", () => {
    const fired: string[] = [];
    timer(100, () => fired.push("kept"));
    const cancel = timer(100, () => fired.push("cancelled"));
    vi.advanceTimersByTime(99);
    expect(fired).toEqual([]);
    cancel();
    vi.advanceTimersByTime(1000);
    expect(fired).toEqual(["kept"]);
  });
});

test("unrefTimer alone keeps no process alive", () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  realTimer(1, () => {});
  unrefTimer(1, () => {});
  expect(set.mock.results.map(({ value }) => value.hasRef())).toEqual([true, false]);
});

test("the clock is that of the process, which never goes back", () => {
  const before = performance.now();
  const now = realClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(performance.now());
});

test("four fifths of a time have passed for sure on another clock", () => {
  expect(surelyPassed(1000)).toBe(800);
});
