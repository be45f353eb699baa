import type { ClockSources } from "../src/elector/time/clock.ts";

/** The resolution of /proc/uptime on Linux: hundredths of a second, rounded down. */
const BOOT_RESOLUTION = 10;

/** The start of the wall clocks in ms, a date in 2026. */
export const EPOCH = 1_770_000_000_000;

/**
 * The three clocks of one machine, as functions of the world's time. All run at the rate of the machine.
 * While it is suspended, the monotonic clock stops and the other two continue.
 */
export class MachineClocks {
  #rate: number;
  #suspended = false;
  #hasSlept = false;
  /** The time at which the next three values were taken. */
  #from = 0;
  #monotonic: number;
  #boot: number;
  #wallOffset = EPOCH;

  constructor(rate: number, uptime: number) {
    this.#rate = rate;
    this.#monotonic = this.#boot = uptime;
  }

  get rate(): number {
    return this.#rate;
  }

  get isSuspended(): boolean {
    return this.#suspended;
  }

  /** From its first sleep on, its processes can only be as exact as the clock since boot. */
  get hasSlept(): boolean {
    return this.#hasSlept;
  }

  monotonicAt(time: number): number {
    return this.#suspended ? this.#monotonic : this.#monotonic + (time - this.#from) * this.#rate;
  }

  /** When the monotonic clock will show `value`, unless its rate changes or the machine sleeps. */
  whenMonotonic(value: number): number {
    // This is computed again when it is due, since the machine may have slept.
    return this.#from + (value - this.#monotonic) / this.#rate;
  }

  setRate(time: number, rate: number): void {
    this.#settle(time);
    this.#rate = rate;
  }

  setSuspended(time: number, suspended: boolean): void {
    this.#settle(time);
    this.#suspended = suspended;
    this.#hasSlept = true;
  }

  /** An operator or NTP sets the clock. */
  jumpWall(by: number): void {
    this.#wallOffset += by;
  }

  /** The sources for the real clock of the elector. `time` returns the machine's time. */
  sources(time: () => number): ClockSources {
    return {
      monotonic: () => this.monotonicAt(time()),
      wall: () => this.#wallOffset + this.#bootAt(time()),
      boot: () => ({
        ms: Math.floor(this.#bootAt(time()) / BOOT_RESOLUTION) * BOOT_RESOLUTION,
        resolution: BOOT_RESOLUTION,
      }),
    };
  }

  #bootAt(time: number): number {
    return this.#boot + (time - this.#from) * this.#rate;
  }

  #settle(time: number): void {
    const [monotonic, boot] = [this.monotonicAt(time), this.#bootAt(time)];
    this.#from = time;
    this.#monotonic = monotonic;
    this.#boot = boot;
  }
}
