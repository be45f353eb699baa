import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { machineClock, remaining, stamp } from "../../../src/stores/sqlite/sqlite-clock.ts";
import { ForgedMachine } from "./forged-machine.ts";

const HOUR = 3_600_000;

describe("a lease on the clocks of the machine", () => {
  test("lasts its ttl by the monotonic clock, to the µs", () => {
    const machine = new ForgedMachine();
    const ends = stamp(1000, machine);
    expect(remaining(ends, 1000, machine)).toEqual({ left: 1000, slack: 0 });
    machine.pass(999.999);
    expect(remaining(ends, 1000, machine).left).toBeCloseTo(0.001, 6);
    machine.pass(0.001);
    expect(remaining(ends, 1000, machine).left).toBeLessThanOrEqual(0);
  });

  test.each([HOUR, -HOUR])("does not care for a wall clock that jumps by %i ms", (jump) => {
    const machine = new ForgedMachine();
    const ends = stamp(1000, machine);
    machine.set({ wall: machine.wall() + jump });
    expect(remaining(ends, 1000, machine).left).toBe(1000);
  });

  test("is over in another boot, whatever the clocks say", () => {
    const machine = new ForgedMachine();
    const ends = stamp(1000, machine);
    machine.set({ boot: "boot-2" });
    expect(remaining(ends, 1000, machine).left).toBe(0);
  });

  test("is never ended by a clock that was set back in the same boot", () => {
    const machine = new ForgedMachine();
    const ends = stamp(1000, machine);
    machine.pass(-HOUR);
    expect(remaining(ends, 1000, machine).left).toBe(1000 + HOUR);
  });

  test("is over without a boot identity once a clock reads less than when it was written", () => {
    const machine = new ForgedMachine({ boot: "" });
    const ends = stamp(1000, machine);
    expect(remaining(ends, 1000, machine).left).toBe(1000);
    machine.pass(-0.001);
    expect(remaining(ends, 1000, machine).left).toBe(0);
  });

  test("is not over because only one of the two knows its boot", () => {
    const machine = new ForgedMachine({ boot: "" });
    const ends = stamp(1000, machine);
    machine.set({ boot: "boot-1" });
    machine.pass(400);
    expect(remaining(ends, 1000, machine).left).toBe(600);
    const known = stamp(1000, machine);
    machine.set({ boot: "" });
    machine.pass(400);
    expect(remaining(known, 1000, machine).left).toBe(600);
  });

  test("may end while the machine sleeps for those who count sleep, and does not for the others", () => {
    const machine = new ForgedMachine();
    const ends = stamp(1000, machine);
    machine.set({ sinceBoot: machine.bootTime().ms + 5000 });
    expect(remaining(ends, 1000, machine).left).toBe(1000);
    machine.set({ monotonic: undefined });
    expect(remaining(ends, 1000, machine).left).toBeLessThan(0);
  });

  test("is not believed ended before it is, whichever process wrote it and whichever reads it", () => {
    const runtime = fc.record({ shared: fc.boolean(), resolution: fc.constantFrom(10, 1000) });
    const time = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(runtime, runtime, time, time, (writer, reader, start, passes) => {
        const machine = (of: typeof writer, at: number) =>
          new ForgedMachine({
            monotonic: of.shared ? 70_000 + at : undefined,
            sinceBoot: 90_000 + at,
            resolution: of.resolution,
          });
        const ends = stamp(1000, machine(writer, start));
        const { left, slack } = remaining(ends, 1000, machine(reader, start + passes));
        // A µs is what is lost by counting whole ones.
        if (passes < 1000 - 0.001) expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(1000 + slack);
        expect(left).toBeLessThanOrEqual(1000 - passes + slack + 0.01);
      }),
    );
  });
});

test("a process that stands still between two readings of the clocks writes no lease too short", () => {
  const pauses = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 4 });
  fc.assert(
    fc.property(
      pauses,
      fc.boolean(),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (pause, shared, part) => {
        const real = new ForgedMachine();
        let passed = 0;
        const stand = () => {
          const ms = pause.shift() ?? 0;
          passed += ms;
          real.pass(ms);
        };
        const paused = {
          bootId: () => real.bootId(),
          monotonic: () => {
            stand();
            return real.monotonic();
          },
          bootTime: () => {
            stand();
            return real.bootTime();
          },
          wall: () => real.wall(),
          after: () => () => {},
        };
        // The holder counts from before the first reading.
        const ends = stamp(1000, paused);
        real.pass(Math.max(0, 1000 * part - passed));
        if (passed >= 1000 * part) return;
        const reader = {
          ...paused,
          monotonic: () => (shared ? real.monotonic() : undefined),
          bootTime: () => real.bootTime(),
        };
        expect(remaining(ends, 1000, reader).left).toBeGreaterThan(0);
      },
    ),
  );
});

describe("this machine", () => {
  test("has a monotonic clock that goes on in another process", () => {
    const read = `console.log(Number(process.hrtime.bigint()) / 1e6)`;
    const before = machineClock().monotonic();
    const there = Number(execFileSync(process.execPath, ["-e", read]).toString());
    const after = machineClock().monotonic();
    expect(there).toBeGreaterThan(before ?? Number.POSITIVE_INFINITY);
    expect(there).toBeLessThan(after ?? 0);
  });

  test("gives the same boot identity and a wall clock of this century", () => {
    expect(machineClock().bootId()).toBe(machineClock().bootId());
    expect(machineClock().wall()).toBeGreaterThan(1.7e12);
    expect(machineClock().bootTime().ms).toBeGreaterThan(0);
  });
});
