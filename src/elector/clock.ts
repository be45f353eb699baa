import { type BootTime, bootTime } from "../boot-time.ts";

/** The only way to real time. A simulation passes one of its own. */
export interface Clock {
  /** Milliseconds that never go back, and that count the time the machine slept. */
  now(): number;
  /** Calls `fire` once at or shortly after `at`; the returned function prevents it. */
  timer(at: number, fire: () => void): () => void;
}

/** Where the system clock reads; replaced in its own tests. */
export interface ClockSources {
  readonly monotonic: () => number;
  readonly wall: () => number;
  readonly boot: () => BootTime;
}

const systemSources: ClockSources = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  boot: bootTime,
};

/** How far the wall clock may leave the monotonic one before we ask whether the machine slept. */
const TOLERANCE = 20;

/** Longer delays fire at once (Node.js clamps them to 1 ms), so long timers are armed in parts. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Monotonic time plus the time that the machine was suspended.
 *
 * The monotonic clock stands still during suspend on Linux (nodejs/node#47724), so a lease would look
 * valid after resuming. The clock since boot does not, but costs 10 µs a look and isLeader() has 150 ns.
 * So the wall clock, at 45 ns, raises the suspicion, and the clock since boot decides. A wall clock that
 * was merely set changes nothing.
 */
export function createClock(sources: ClockSources = systemSources): Clock {
  const bootLead = leadOfBoot();
  let wallLead = sources.wall() - sources.monotonic();
  /** How long it has slept, by the clock since boot, and how much of that time we count. */
  let slept = 0;
  let asleep = 0;

  function leadOfBoot(): number {
    return sources.boot().ms - sources.monotonic();
  }

  function now(): number {
    const monotonic = sources.monotonic();
    const lead = sources.wall() - monotonic;
    if (Math.abs(lead - wallLead) > TOLERANCE) {
      wallLead = lead;
      const { ms, resolution } = sources.boot();
      const more = ms - sources.monotonic() - bootLead - slept;
      if (more > resolution) {
        slept += more;
        // Rounded up by what the clock cannot resolve: to lose a term early is safe, late is not. Each time
        // anew, or what was counted too much of one sleep would be missing in the next.
        asleep += more + resolution;
      }
    }
    return monotonic + asleep;
  }

  function timer(at: number, fire: () => void): () => void {
    const delay = Math.min(Math.max(0, Math.ceil(at - now())), LONGEST_TIMER);
    const handle = setTimeout(fire, delay);
    return () => clearTimeout(handle);
  }

  return { now, timer };
}

let shared: Clock | undefined;

/** The clock of this process, made on first use so that importing the package costs nothing. */
export function systemClock(): Clock {
  shared ??= createClock();
  return shared;
}
