import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TimerQueue } from "../../../src/elector/time/timer-queue.ts";

/** A queue on a system whose time and whose timers a test moves. */
function system() {
  const armed = new Set<{ at: number; fire: () => void }>();
  const world = { now: 0, armings: 0 };
  const queue = new TimerQueue(
    () => world.now,
    (delay, fire) => {
      const timer = { at: world.now + delay, fire };
      armed.add(timer);
      world.armings += 1;
      return () => void armed.delete(timer);
    },
  );
  const fired: string[] = [];
  const log = (name: string) => () => void fired.push(name);
  /** Fires the timer of the system that is due, once. */
  const ring = () => {
    for (const timer of [...armed]) {
      if (timer.at > world.now || !armed.delete(timer)) continue;
      timer.fire();
    }
  };
  const passUntil = (end: number) => {
    while (world.now < end) {
      world.now += 1;
      ring();
    }
  };
  return { queue, world, armed, fired, log, ring, passUntil };
}

describe("any number of timers", () => {
  test("take one timer of the system, for the earliest, and none when none is left", () => {
    const { queue, armed, passUntil } = system();
    const cancels = [30, 10, 20, 10].map((at) => queue.add(at, () => {}));
    expect([...armed].map(({ at }) => at)).toEqual([10]);
    cancels[1]?.();
    cancels[3]?.();
    expect([...armed].map(({ at }) => at)).toEqual([20]);
    passUntil(20);
    expect([...armed].map(({ at }) => at)).toEqual([30]);
    cancels[0]?.();
    expect(armed.size).toBe(0);
  });

  test("that are due together fire in the order in which they were armed", () => {
    const { queue, fired, log, passUntil } = system();
    queue.add(10.2, log("a"));
    const cancel = queue.add(10.9, log("b"));
    queue.add(5, log("earlier"));
    queue.add(10.1, log("c"));
    cancel();
    cancel();
    passUntil(10);
    expect(fired).toEqual(["earlier"]);
    passUntil(11);
    expect(fired).toEqual(["earlier", "a", "c"]);
  });

  test("fire each once at its time unless they were cancelled, whatever else is armed", () => {
    const timer = fc.record({ at: fc.integer({ min: 1, max: 300 }), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 400 }), (timers) => {
        const { queue, world, armed, passUntil } = system();
        const times: number[] = [];
        const cancels = timers.map(({ at }) => queue.add(at, () => times.push(world.now)));
        for (const [index, { cancelled }] of timers.entries()) if (cancelled) cancels[index]?.();
        passUntil(300);
        const expected = timers.filter(({ cancelled }) => !cancelled).map(({ at }) => at);
        expect(times).toEqual(expected.sort((a, b) => a - b));
        expect(armed.size).toBe(0);
      }),
    );
  });
});

describe("an alarm", () => {
  test("fires once at the last time that it was set for, whatever shares its moments, and not once it was cleared", () => {
    const step = fc.record({
      alarm: fc.integer({ min: 0, max: 5 }),
      pass: fc.integer({ min: 0, max: 30 }),
      ahead: fc.option(fc.integer({ min: 1, max: 100 })),
      slack: fc.constantFrom(0, 10),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { queue, world, armed, passUntil } = system();
        const due = new Map<number, { at: number; slack: number }>();
        const alarms = Array.from({ length: 6 }, (_, alarm) =>
          queue.alarm(() => {
            const { at, slack } = due.get(alarm) ?? { at: Number.NaN, slack: 0 };
            due.delete(alarm);
            expect(world.now).toBeLessThanOrEqual(at);
            expect(world.now).toBeGreaterThanOrEqual(at - slack);
          }),
        );
        for (const { alarm, pass, ahead, slack } of steps) {
          passUntil(world.now + pass);
          if (ahead === null) {
            alarms[alarm]?.clear();
            due.delete(alarm);
          } else {
            due.set(alarm, { at: world.now + ahead, slack });
            alarms[alarm]?.set(world.now + ahead, slack);
          }
        }
        passUntil(world.now + 100);
        expect(due.size).toBe(0);
        expect(armed.size).toBe(0);
      }),
    );
  });

  test("may be set anew while it fires, and the event loop turns first", () => {
    const { queue, world, fired, ring, passUntil } = system();
    const alarm = queue.alarm(() => {
      fired.push("again");
      alarm.set(world.now);
    });
    alarm.set(10);
    passUntil(10);
    expect(fired).toEqual(["again"]);
    ring();
    expect(fired).toEqual(["again", "again"]);
  });
});

describe("a timer that fires", () => {
  test("may cancel one that is due with it, and one that has fired", () => {
    const { queue, fired, log, passUntil } = system();
    const first = queue.add(10, log("first"));
    let cancelOther = () => {};
    queue.add(10, () => {
      first();
      cancelOther();
    });
    cancelOther = queue.add(10, log("cancelled"));
    queue.add(10, log("last"));
    passUntil(20);
    expect(fired).toEqual(["first", "last"]);
  });

  test("lets the event loop turn before what it arms for now", () => {
    const { queue, world, fired, ring, passUntil } = system();
    const again = () => {
      fired.push("again");
      queue.add(world.now, again);
    };
    queue.add(10, again);
    passUntil(10);
    expect(fired).toEqual(["again"]);
    ring();
    expect(fired).toEqual(["again", "again"]);
  });

  test("and throws does not lose the others", () => {
    const { queue, armed, fired, log, ring, passUntil } = system();
    queue.add(5, () => {
      throw new Error("from a timer");
    });
    queue.add(5, log("due with it"));
    queue.add(9, log("later"));
    expect(() => passUntil(5)).toThrow("from a timer");
    expect(fired).toEqual([]);
    ring();
    expect(fired).toEqual(["due with it"]);
    passUntil(9);
    expect(fired).toEqual(["due with it", "later"]);
    expect(armed.size).toBe(0);
  });

  test("is not fired by a timer of the system that comes early", () => {
    const { queue, world, armed, fired, log, passUntil } = system();
    queue.add(10, log("in time"));
    world.now = 9.4;
    const [early] = armed;
    armed.clear();
    early?.fire();
    expect(fired).toEqual([]);
    passUntil(10.4);
    expect(fired).toEqual(["in time"]);
  });
});

describe("timers that may be early", () => {
  const meet = (timers: readonly (readonly [at: number, slack: number])[]) => {
    const { queue, world, passUntil } = system();
    const times = timers.map(() => 0);
    for (const [index, [at, slack]] of timers.entries()) {
      queue.add(
        at,
        () => {
          times[index] = world.now;
        },
        slack,
      );
    }
    passUntil(2000);
    return times;
  };

  test("fire with the first of a stretch of time; alone, they are in time", () => {
    const together = [650, 655, 660].map((at) => [at, 60] as const);
    expect(meet([...together, [900, 60]])).toEqual([650, 650, 650, 900]);
  });

  test("do not meet those that may not be early", () => {
    expect(
      meet([
        [650, 0],
        [660, 60],
        [661, 0],
      ]),
    ).toEqual([650, 660, 661]);
  });

  test("are never late, and never earlier than they may be", () => {
    const timer = fc.tuple(
      fc.double({ min: 1, max: 1900, noNaN: true }),
      fc.constantFrom(0, 0.5, 3, 10, 66.7, 200),
    );
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 50 }), (timers) => {
        for (const [index, time] of meet(timers).entries()) {
          const [at, slack] = timers[index] ?? [0, 0];
          expect(time).toBeLessThanOrEqual(Math.ceil(at));
          expect(time).toBeGreaterThanOrEqual(at - slack);
        }
      }),
    );
  });

  test("stay together when they are armed again and again, at full intervals", () => {
    const { queue, world, passUntil } = system();
    const times = new Map<number, number[]>();
    const arm = (timer: number) => {
      const fire = () => {
        times.set(timer, [...(times.get(timer) ?? []), world.now]);
        arm(timer);
      };
      queue.add(world.now + 1000, fire, 100);
    };
    for (let timer = 0; timer < 200; timer += 1) {
      passUntil(timer * 5);
      arm(timer);
    }
    passUntil(20_000);
    const last = [...times.values()].map((fired) => fired.at(-1));
    expect(new Set(last).size).toBeLessThanOrEqual(16);
    for (const fired of times.values()) {
      const intervals = fired.slice(1).map((at, index) => at - (fired[index] ?? 0));
      // Early when it joined others, and then no more.
      expect(intervals.filter((interval) => interval < 1000).length).toBeLessThanOrEqual(4);
    }
  });
});

test("when the time has jumped, the timer of the system is armed anew for what is left", () => {
  const { queue, world, armed, fired, log, ring } = system();
  queue.add(5000, log("overdue"));
  const slept = 4000;
  world.now += slept;
  queue.refresh();
  expect([...armed].map(({ at }) => at)).toEqual([5000]);
  world.now += slept;
  queue.refresh();
  ring();
  expect(fired).toEqual(["overdue"]);
  queue.refresh();
  expect(armed.size).toBe(0);
});

test("a timer that is armed and cancelled does not touch the system while an earlier one is armed", () => {
  const { queue, world } = system();
  queue.add(5, () => {});
  for (let at = 10; at < 1010; at += 1) queue.add(at, () => {})();
  expect(world.armings).toBe(1);
});
