import type { ClockSources } from "../src/elector/clock.ts";

/** What Linux tells in /proc/uptime: hundredths of a second, cut off. */
const BOOT_RESOLUTION = 10;

/** 2026 or so, in ms: where wall clocks begin. */
export const EPOCH = 1_770_000_000_000;

/**
 * The three clocks of one machine, as functions of the world's time. They run at a rate of their own;
 * while the machine is suspended the monotonic one stands still and the others go on.
 */
export class MachineClocks {
  #rate: number;
  #suspended = false;
  #hasSlept = false;
  /** The moment from which the next three are counted on. */
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

  /** From its first sleep on. What its processes make of a sleep is as exact as the clock since boot. */
  get hasSlept(): boolean {
    return this.#hasSlept;
  }

  monotonicAt(time: number): number {
    return this.#suspended ? this.#monotonic : this.#monotonic + (time - this.#from) * this.#rate;
  }

  /** When the monotonic clock will show `value`, if nothing else happens to it. */
  whenMonotonic(value: number): number {
    // Asked again when it is due: the machine may have slept then, or slept all the time.
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

  /** Somebody sets the clock, or NTP does. */
  jumpWall(by: number): void {
    this.#wallOffset += by;
  }

  /** For the real clock of the elector; `time` says what the machine's moment is. */
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
