import { expect, test } from "vitest";
import { Random } from "../../simulation/random.ts";
import { Schedule } from "../../simulation/schedule.ts";

function runAll(schedule: Schedule, end: number): void {
  while (schedule.step(end));
}

test("things happen in the order of their time, and of their planning if that is the same", () => {
  const schedule = new Schedule();
  const random = new Random(7);
  const planned = Array.from({ length: 500 }, (_, order) => ({ at: random.whole(0, 50), order }));
  const happened: typeof planned = [];
  for (const thing of planned) schedule.add(thing.at, () => happened.push(thing));
  runAll(schedule, 100);
  expect(happened).toEqual(
    [...planned].sort((one, other) => one.at - other.at || one.order - other.order),
  );
});

test("time is that of what happens, and the end's when nothing is left before it", () => {
  const schedule = new Schedule();
  const times: number[] = [];
  for (const at of [3, 8, 20]) schedule.add(at, () => times.push(schedule.now));
  runAll(schedule, 10);
  expect(times).toEqual([3, 8]);
  expect(schedule.now).toBe(10);
});

test("what was cancelled does not happen", () => {
  const schedule = new Schedule();
  const happened: string[] = [];
  const cancelled = schedule.add(1, () => happened.push("cancelled"));
  schedule.add(2, () => happened.push("kept"));
  schedule.cancel(cancelled);
  runAll(schedule, 10);
  expect(happened).toEqual(["kept"]);
});

test("what should have been long ago happens now", () => {
  const schedule = new Schedule();
  const times: number[] = [];
  schedule.add(5, () => schedule.add(1, () => times.push(schedule.now)));
  runAll(schedule, 10);
  expect(times).toEqual([5]);
});
