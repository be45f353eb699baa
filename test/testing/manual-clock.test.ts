import { expect, test } from "vitest";
import { ManualClock } from "../../src/testing.ts";

test("timers fire once, in the order of their times, each at its own time", async () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  clock.timer(30, () => fired.push(`b at ${clock.now()}`));
  clock.timer(10, () => fired.push(`a at ${clock.now()}`));
  const cancel = clock.timer(20, () => fired.push("never"));
  cancel();
  await clock.advance(30);
  await clock.advance(30);
  expect(fired).toEqual(["a at 10", "b at 30"]);
  expect(clock.now()).toBe(60);
});

test("a timer armed by another timer fires in the same advance, if it is due", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const tick = () => {
    fired.push(clock.now());
    clock.timer(clock.now() + 10, tick);
  };
  clock.timer(10, tick);
  await clock.advance(35);
  expect(fired).toEqual([10, 20, 30]);
  expect(clock.untilNext).toBe(5);
  expect(clock.armed).toBe(1);
});

test("promises settle between two timers", async () => {
  const clock = new ManualClock();
  const log: string[] = [];
  clock.timer(1, () => void Promise.resolve().then(() => log.push("settled")));
  clock.timer(2, () => log.push("next"));
  await clock.advance(2);
  expect(log).toEqual(["settled", "next"]);
});

test("block() advances the clock without firing timers, and the time does not go back afterwards", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  clock.timer(10, () => fired.push(clock.now()));
  clock.block(50);
  expect([fired, clock.untilNext]).toEqual([[], 0]);
  clock.timer(50, () => clock.block(100));
  await clock.advance(0);
  expect(fired).toEqual([50]);
  expect(clock.now()).toBe(150);
});

test("a clock without timers has nothing to wait for, and a timer that has been cancelled is none", () => {
  const clock = new ManualClock();
  expect([clock.now(), clock.armed, clock.untilNext]).toEqual([0, 0, undefined]);
  const cancel = clock.timer(10, () => {});
  expect([clock.armed, clock.untilNext]).toEqual([1, 10]);
  cancel();
  expect([clock.armed, clock.untilNext]).toEqual([0, undefined]);
});

test("a timer that is due exactly at the end of an advance fires in it, and a later one does not", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  clock.timer(10, () => fired.push(10));
  clock.timer(11, () => fired.push(11));
  await clock.advance(10);
  expect([fired, clock.untilNext]).toEqual([[10], 1]);
});
