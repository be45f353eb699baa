import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createClock } from "../../../src/elector/time/clock.ts";

const HOUR = 3_600_000;

/** What can happen to a machine. */
interface Fate {
  pass(ms: number): void;
  suspend(ms: number): void;
}

/** A machine whose three clocks can be moved apart, also between two looks of the process at them. */
function machine(beforeLook: (number: number, fate: Fate) => void = () => {}) {
  const time = { monotonic: 1_000, wall: 1_700_000_000_000, boot: 50_000, looks: 0 };
  const pass = (ms: number) => {
    time.monotonic += ms;
    time.wall += ms;
    time.boot += ms;
  };
  const suspend = (ms: number) => {
    time.wall += ms;
    time.boot += ms;
  };
  let looks = 0;
  const look = <T>(read: () => T) => {
    beforeLook(looks, { pass, suspend });
    looks += 1;
    return read();
  };
  const clock = createClock({
    monotonic: () => look(() => time.monotonic),
    wall: () => look(() => Math.floor(time.wall)),
    boot: () =>
      look(() => {
        time.looks += 1;
        return { ms: Math.floor(time.boot / 10) * 10, resolution: 10 };
      }),
  });
  return { time, clock, pass, suspend };
}

describe("the clock", () => {
  test("goes on with the monotonic clock, and never asks when nothing is odd", () => {
    const { clock, time, pass } = machine();
    const begun = clock.now();
    pass(12_345.5);
    expect(clock.now() - begun).toBe(12_345.5);
    expect(time.looks).toBe(1);
  });

  test("counts the time that the machine was suspended, never less of it", () => {
    const { clock, pass, suspend } = machine();
    const begun = clock.now();
    pass(100);
    suspend(60_000);
    pass(5);
    suspend(30_000);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(90_105);
    expect(clock.now() - begun).toBeLessThan(90_105 + 50);
  });

  test("counts every sleep in full, also after one that was rounded up", () => {
    const { clock, pass, suspend } = machine();
    // The clock since boot shows 10 ms too much of the first, and 5 ms too little of the second.
    pass(5);
    suspend(105);
    clock.now();
    pass(4);
    const begun = clock.now();
    suspend(61);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(61);
    pass(3);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(64);
  });

  // Making the clock takes 6 looks, and asking it after a sleep 9.
  const moments = Array.from({ length: 30 }, (_, moment) => moment);
  const AWAY = 5_000;

  test.each(moments)(
    "counts each sleep, also when the process was away before look %i",
    (moment) => {
      let passed = 0;
      const { clock, suspend } = machine((number, { pass }) => {
        if (number !== moment) return;
        pass(AWAY);
        passed += AWAY;
      });
      passed = 0;
      const begun = clock.now();
      const before = passed;
      // The second is as long as the process was away.
      for (const sleep of [60_000, AWAY, 60_000]) {
        suspend(sleep);
        passed += sleep;
        expect(clock.now() - begun).toBeGreaterThanOrEqual(passed - before);
      }
      expect(clock.now() - begun).toBeLessThan(passed + 2 * AWAY);
    },
  );

  test.each(moments)("counts a sleep that begins before look %i", (moment) => {
    let slept = 0;
    const { clock, suspend } = machine((number, fate) => {
      if (number !== moment) return;
      fate.suspend(60_000);
      slept += 60_000;
    });
    slept = 0;
    const begun = clock.now();
    const before = slept;
    for (let round = 0; round < 3; round += 1) {
      suspend(30_000);
      slept += 30_000;
      clock.now(); // A sleep that begins at its last look is counted by the next.
      expect(clock.now() - begun).toBeGreaterThanOrEqual(slept - before);
    }
  });

  test("counts a sleep once, also when the wall clock is set after it", () => {
    const { clock, time, pass, suspend } = machine();
    suspend(60_000);
    const begun = clock.now();
    time.wall += HOUR;
    pass(100);
    expect(clock.now() - begun).toBe(100);
  });

  test.each([HOUR, -HOUR])("a wall clock that is set by %i ms changes nothing", (jump) => {
    const { clock, time, pass } = machine();
    const begun = clock.now();
    time.wall += jump;
    pass(100);
    expect(clock.now() - begun).toBe(100);
    const { looks } = time;
    pass(100);
    clock.now();
    expect(time.looks).toBe(looks);
  });

  test("counts a suspend after which the wall clock was set back", () => {
    const { clock, time, suspend } = machine();
    const begun = clock.now();
    suspend(60_000);
    time.wall -= 2 * HOUR;
    expect(clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  });

  test("a timer fires once at its time, and not when it was prevented", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { clock, pass } = machine();
    const elapse = (ms: number) => {
      pass(ms);
      vi.advanceTimersByTime(ms);
    };
    const fired: string[] = [];
    clock.timer(clock.now() + 19.5, () => void fired.push("in time"));
    const prevent = clock.timer(clock.now() + 5, () => void fired.push("prevented"));
    clock.timer(clock.now() - 5, () => void fired.push("overdue"));
    expect(vi.getTimerCount()).toBe(1);
    prevent();
    elapse(1);
    expect(fired).toEqual(["overdue"]);
    elapse(18);
    expect(fired).toEqual(["overdue"]);
    elapse(1);
    expect(fired).toEqual(["overdue", "in time"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("after a sleep, timers come when they are due and not when the timers of Node.js are", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { clock, pass, suspend } = machine();
    const fired: string[] = [];
    clock.timer(clock.now() + 5_000, () => void fired.push("before the sleep"));
    suspend(60_000);
    clock.timer(clock.now() + 5, () => void fired.push("after it"));
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(["before the sleep"]);
    pass(5);
    vi.advanceTimersByTime(5);
    expect(fired).toEqual(["before the sleep", "after it"]);
  });

  test("a timer longer than Node.js can arm does not fire at once", async () => {
    const clock = createClock();
    let fired = false;
    const cancel = clock.timer(clock.now() + 2 ** 40, () => {
      fired = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    expect(fired).toBe(false);
  });
});
