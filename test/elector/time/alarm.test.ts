import { expect, test } from "vitest";
import { alarmOn } from "../../../src/elector/time/alarm.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("on a clock that has only timers, an alarm fires when it was set for last, and not once it was cleared", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const alarm = alarmOn(clock, () => fired.push(clock.now()));
  alarm.set(10);
  alarm.set(30);
  expect(clock.armed).toBe(1);
  await clock.advance(20);
  alarm.set(25);
  await clock.advance(20);
  expect(fired).toEqual([25]);
  alarm.set(50);
  alarm.clear();
  expect(clock.armed).toBe(0);
  await clock.advance(20);
  expect(fired).toEqual([25]);
});
