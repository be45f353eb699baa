import { expect, test } from "vitest";
import { MachineClocks } from "../../simulation/machine-clocks.ts";

/** A machine at a moment that the test moves. */
function machine(rate: number) {
  const clocks = new MachineClocks(rate, 1000);
  const world = { now: 0 };
  return { clocks, world, sources: clocks.sources(() => world.now) };
}

test("all clocks run at the machine's rate, which may change on the way", () => {
  const { clocks, world, sources } = machine(0.9);
  const wall = sources.wall();
  clocks.setRate(100, 1.1);
  world.now = 200;
  expect(sources.monotonic()).toBeCloseTo(1000 + 90 + 110);
  expect(sources.wall() - wall).toBeCloseTo(200);
  expect(sources.boot()).toEqual({ ms: 1200, resolution: 10 });
});

test("the monotonic clock stands still while the machine sleeps, and the others go on", () => {
  const { clocks, world, sources } = machine(1);
  const wall = sources.wall();
  clocks.setSuspended(50, true);
  clocks.setSuspended(250, false);
  world.now = 300;
  expect(sources.monotonic()).toBe(1100);
  expect(sources.wall() - wall).toBe(300);
  expect(sources.boot().ms).toBe(1300);
});

test("a wall clock that is set moves nothing else", () => {
  const { clocks, sources } = machine(1);
  const before = sources.wall();
  clocks.jumpWall(-3_600_000);
  expect(sources.wall() - before).toBe(-3_600_000);
  expect(sources.monotonic()).toBe(1000);
  expect(sources.boot().ms).toBe(1000);
});

test("a moment of the monotonic clock is found again", () => {
  const { clocks } = machine(0.8);
  expect(clocks.monotonicAt(clocks.whenMonotonic(1234))).toBeCloseTo(1234);
});
