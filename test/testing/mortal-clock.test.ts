import { expect, test } from "vitest";
import { MortalClock } from "../../src/testing/mortal-clock.ts";
import { ManualClock } from "../../src/testing.ts";

function clocks() {
  const clock = new ManualClock();
  return { clock, mortal: new MortalClock(clock), fired: [] as string[] };
}

test("the clock of a process is that of the test, until the process crashes", async () => {
  const { clock, mortal, fired } = clocks();
  mortal.timer(10, () => fired.push("kept"));
  mortal.timer(10, () => fired.push("cancelled"))();
  await clock.advance(10);
  expect([fired, mortal.now(), clock.armed]).toEqual([["kept"], 10, 0]);
});

test("after a crash no timer fires or is armed, and everything is over", async () => {
  const { clock, mortal, fired } = clocks();
  mortal.timer(10, () => fired.push("armed before"));
  mortal.stop();
  const cancel = mortal.timer(20, () => fired.push("armed after"));
  expect([clock.armed, mortal.now()]).toEqual([0, Number.POSITIVE_INFINITY]);
  cancel();
  await clock.advance(30);
  expect(fired).toEqual([]);
});
