import { describe, expect, test } from "vitest";
import { MachineClocks } from "../../simulation/machine-clocks.ts";
import { Random } from "../../simulation/random.ts";
import { Schedule } from "../../simulation/schedule.ts";
import { SimulatedProcess } from "../../simulation/simulated-process.ts";

function newProcess(seed = 1) {
  const schedule = new Schedule();
  const clocks = new MachineClocks(1, 0);
  const process = new SimulatedProcess(schedule, clocks, new Random(seed));
  const happened: string[] = [];
  const log = (what: string) => () => {
    happened.push(`${what} @${Math.round(schedule.now)}`);
  };
  /** Lets things happen in turn; each is followed by what the process has to say about its end. */
  const runUntil = (end: number) => {
    while (schedule.step(end)) process.leave();
  };
  return { schedule, clocks, process, happened, log, runUntil };
}

describe("a process that is kept from running", () => {
  test("takes nothing in until it runs again", () => {
    const { schedule, process, happened, log, runUntil } = newProcess();
    schedule.add(10, () => process.halt());
    schedule.add(20, () => process.enter(log("answer")));
    schedule.add(50, () => process.proceed());
    runUntil(100);
    expect(happened).toEqual(["answer @50"]);
  });

  test("then takes late answers before late timers, or after", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const { schedule, process, happened, log, runUntil } = newProcess(seed);
      schedule.add(0, () => process.enter(() => process.after(15, log("timer"))));
      schedule.add(10, () => process.halt());
      schedule.add(20, () => process.enter(log("answer")));
      schedule.add(50, () => process.proceed());
      runUntil(100);
      orders.add(happened.join(", "));
    }
    expect([...orders].sort()).toEqual(["answer @50, timer @50", "timer @50, answer @50"]);
  });

  test("takes nothing in any more once it is dead", () => {
    const { schedule, process, happened, log, runUntil } = newProcess();
    schedule.add(10, () => process.enter(() => process.after(5, log("timer"))));
    schedule.add(12, () => process.kill());
    schedule.add(20, () => process.enter(log("answer")));
    runUntil(100);
    expect(happened).toEqual([]);
  });
});

describe("a callback that blocks", () => {
  test("has its own time ahead of the world's, and sends when that has come", () => {
    const { schedule, process, happened, log, runUntil } = newProcess();
    schedule.add(10, () =>
      process.enter(() => {
        process.block(300);
        happened.push(`inside @${process.time}`);
        process.send(5, log("arrives"));
      }),
    );
    runUntil(1000);
    expect(happened).toEqual(["inside @310", "arrives @315"]);
  });

  test("lets nothing in until the world has caught up", () => {
    const { schedule, process, happened, log, runUntil } = newProcess();
    schedule.add(10, () => process.enter(() => process.block(300)));
    schedule.add(20, () => process.enter(log("answer")));
    runUntil(200);
    expect(process.isFree).toBe(false);
    runUntil(1000);
    expect(happened).toEqual(["answer @310"]);
  });
});

describe("a timer", () => {
  test("stands still while the machine sleeps", () => {
    const { schedule, clocks, process, happened, log, runUntil } = newProcess();
    schedule.add(0, () => process.enter(() => process.after(50, log("timer"))));
    schedule.add(10, () => {
      process.halt();
      clocks.setSuspended(10, true);
    });
    schedule.add(500, () => {
      clocks.setSuspended(500, false);
      process.proceed();
    });
    runUntil(1000);
    expect(happened).toEqual(["timer @540"]);
  });

  test("of the elector's clock is counted while it is armed, and comes at about its time", () => {
    const { schedule, process, runUntil } = newProcess();
    let armed = 0;
    const fired: number[] = [];
    schedule.add(0, () =>
      process.enter(() => {
        const clock = process.clock((change) => {
          armed += change;
        });
        const cancel = clock.timer(clock.now() + 20, () => fired.push(-1));
        clock.timer(clock.now() + 40, () => fired.push(schedule.now));
        cancel();
      }),
    );
    runUntil(10);
    expect(armed).toBe(1);
    runUntil(100);
    expect(armed).toBe(0);
    expect(fired).toHaveLength(1);
    expect(fired[0]).toBeGreaterThanOrEqual(39);
    expect(fired[0]).toBeLessThanOrEqual(42);
  });
});
