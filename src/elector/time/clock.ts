import { type BootTime, bootTime } from "../../boot-time.ts";
import { type Alarm, type Arm, TimerQueue } from "./timer-queue.ts";

/** The only way to real time. A simulation passes one of its own. */
export interface Clock {
  /** Milliseconds that never go back, and that count the time the machine slept. */
  now(): number;
  /**
   * Calls `fire` once at or shortly after `at`; the returned function prevents it. With `slack`, it may be so
   * many ms earlier, together with others.
   */
  timer(at: number, fire: () => void, slack?: number): () => void;
  /** Makes an alarm that calls `fire`: as a timer, without what a new one costs each time. */
  alarm?(fire: () => void): Alarm;
}

/** The clock of a process. */
export interface SystemClock extends Clock {
  /** The same time; its timers do not keep the process alive. */
  readonly unref: Clock;
}

/** Where the system clock reads; replaced in its own tests. */
export interface ClockSources {
  readonly monotonic: () => number;
  readonly wall: () => number;
  readonly boot: () => BootTime;
}

/** The date, in ms since 1970. It may be set, also back: no duration follows from it. */
export function timeOfDay(): number {
  return Date.now();
}

const systemSources: ClockSources = {
  monotonic: () => performance.now(),
  wall: timeOfDay,
  boot: bootTime,
};

/** The timers of Node.js, which stand still while the machine sleeps. */
const systemTimer: Arm = (delay, fire) => {
  const handle = armed(delay, fire);
  return () => clearTimeout(handle);
};

const unrefTimer: Arm = (delay, fire) => {
  const handle = armed(delay, fire);
  handle.unref();
  return () => clearTimeout(handle);
};

function armed(delay: number, fire: () => void): NodeJS.Timeout {
  return setTimeout(fire, Math.min(Math.max(0, Math.ceil(delay)), LONGEST_TIMER));
}

/** How far the wall clock may leave the monotonic one before we ask whether the machine slept. */
const TOLERANCE = 20;

/** Longer delays fire at once (Node.js clamps them to 1 ms), so long timers are armed in parts. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The longest that two looks at the clocks may be apart, in ms, to count as one moment. */
const ONE_MOMENT = 1;

/**
 * Monotonic time plus the time that the machine was suspended.
 *
 * The monotonic clock stands still during suspend on Linux (nodejs/node#47724), so a lease would look
 * valid after resuming. The clock since boot does not, but costs 10 µs a look and isLeader() has 150 ns.
 * So the wall clock, at 45 ns, raises the suspicion, and the clock since boot decides. A wall clock that
 * was merely set changes nothing.
 *
 * The process may be descheduled, and the machine may sleep, between any two looks. So each look lies
 * between two at the monotonic clock, and whatever is uncertain by that is counted as sleep.
 */
export function createClock(
  sources: ClockSources = systemSources,
  arm = systemTimer,
  armUnref = unrefTimer,
): SystemClock {
  /** How far the clock since boot was ahead after the last sleep that we counted, at the least. */
  let bootLead = leadOfBoot().least;
  let wallLead = leadOfWall();
  let asleep = 0;
  const timers = new TimerQueue(now, arm);
  const unrefTimers = new TimerQueue(now, armUnref);

  function leadOfBoot(): { least: number; most: number; resolution: number } {
    const before = sources.monotonic();
    const { ms, resolution } = sources.boot();
    return { least: ms - sources.monotonic(), most: ms - before, resolution };
  }

  /** Not a number when the looks were too far apart: one that is wrong would hide a sleep of that length. */
  function leadOfWall(): number {
    const before = sources.monotonic();
    const lead = sources.wall() - before;
    return sources.monotonic() - before <= ONE_MOMENT ? lead : Number.NaN;
  }

  function now(): number {
    const monotonic = sources.monotonic();
    const lead = sources.wall() - monotonic;
    if (Math.abs(lead - wallLead) <= TOLERANCE) return monotonic + asleep;
    countSleep();
    // Not the first look: what made us suspicious may be that we were away after it.
    return sources.monotonic() + asleep;
  }

  function countSleep(): void {
    // The wall clock first: a sleep between the two is then found again, and not missed.
    wallLead = leadOfWall();
    const { least, most, resolution } = leadOfBoot();
    const more = most - bootLead;
    if (more <= resolution) return;
    // Rounded up by what the clock cannot resolve: to lose a term early is safe, late is not. What is
    // remembered is not, or what was counted too much of one sleep would be missing in the next.
    asleep += more + resolution;
    bootLead = least;
    timers.refresh();
    unrefTimers.refresh();
  }

  const on = (queue: TimerQueue): Clock => ({
    now,
    timer: (at, fire, slack) => queue.add(at, fire, slack),
    alarm: (fire) => queue.alarm(fire),
  });
  return { ...on(timers), unref: on(unrefTimers) };
}

let shared: SystemClock | undefined;

/** The clock of this process, made on first use so that importing the package costs nothing. */
export function systemClock(): SystemClock {
  shared ??= createClock();
  return shared;
}
