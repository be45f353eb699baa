import { type Clock, createClock } from "../src/elector/time/clock.ts";
import type { MachineClocks } from "./machine-clocks.ts";
import type { Random } from "./random.ts";
import type { Happening, Schedule } from "./schedule.ts";

/** A timer fires up to 2 ms late and up to 1 ms early, since Node.js counts in whole ms. */
const [EARLIEST, LATEST] = [-1, 2];

/**
 * One process on its own machine. Everything that reaches it goes through {@link enter}. Events that arrive
 * while it cannot run wait, and are then delivered in any order, even late answers before late timers.
 */
export class SimulatedProcess {
  readonly clocks: MachineClocks;
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #backlog: (() => void)[] = [];
  /** All electors of the process have one, as `systemClock` gives them. */
  #clock: Clock | undefined;
  #electors = 0;
  #dead = false;
  #halts = 0;
  /** Whether code of this process is running, at the world's time plus `#ahead`. */
  #inside = false;
  #ahead = 0;
  #busyUntil = 0;
  #freeSince = 0;
  /** Called before its event loop is blocked, once per event. */
  onBlock: () => void = () => {};
  /** Called before each event in the process. */
  onEnter: () => void = () => {};

  constructor(schedule: Schedule, clocks: MachineClocks, random: Random) {
    this.#schedule = schedule;
    this.clocks = clocks;
    this.#random = random;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Whether its machine sleeps. */
  get isAsleep(): boolean {
    return this.clocks.isSuspended;
  }

  /** Whether the process can run now. */
  get isFree(): boolean {
    return this.#halts === 0 && !this.isBusy;
  }

  /** Whether its own time is ahead of the world's, because a callback blocked the event loop. */
  get isBusy(): boolean {
    return this.#schedule.now < this.#busyUntil;
  }

  /** Since when it has been able to run without interruption, if it can run. */
  get freeSince(): number {
    return this.#freeSince;
  }

  /** Its own time: the world's, or a later one while a callback blocks. */
  get time(): number {
    return this.#schedule.now + this.#ahead;
  }

  /** Runs a function in the process, now or as soon as it can run. */
  enter(run: () => void): void {
    if (this.#dead) return;
    if (!this.isFree) {
      this.#backlog.push(run);
      return;
    }
    this.#inside = true;
    this.onEnter();
    run();
  }

  /** Must be called when the consequences of {@link enter} are over. Returns whether something ran. */
  leave(): boolean {
    if (!this.#inside) return false;
    this.#inside = false;
    if (this.#ahead > 0) {
      this.#busyUntil = this.time;
      this.#ahead = 0;
      this.#schedule.add(this.#busyUntil, () => this.#proceed());
    }
    return true;
  }

  /** A callback blocks the event loop: the process's own time advances at once, and the world's time later. */
  block(ms: number): void {
    if (!this.#inside) return;
    if (this.#ahead === 0) this.onBlock();
    this.#ahead += ms;
  }

  /** Stops the process until {@link proceed} has been called equally often. */
  halt(): void {
    this.#halts += 1;
  }

  proceed(): void {
    this.#halts -= 1;
    this.#proceed();
  }

  /** Kills the process. */
  kill(): void {
    this.#dead = true;
    this.#backlog.length = 0;
  }

  /** Runs a function when the world has caught up with the process, for events of its machine. */
  get reachableAt(): number {
    return Math.max(this.#schedule.now, this.#busyUntil);
  }

  /**
   * The real clock of the process for one of its electors. `count` is called for every timer armed (1) or
   * gone (-1).
   */
  clock(count: (change: 1 | -1) => void): Clock {
    this.#clock ??= this.#createClock();
    this.#electors += 1;
    const { now, timer } = this.#clock;
    return {
      now,
      timer: (at, fire, slack = 0) => {
        count(1);
        let isOver = false;
        const end = () => {
          if (!isOver) count(-1);
          isOver = true;
        };
        // One that is alone is early as if it met others that are due then.
        const mayMeet = slack > 0 && this.#electors === 1 && this.#random.chance(0.5);
        const early = mayMeet ? this.#random.between(0, slack) : 0;
        const ring = () => {
          end();
          fire();
        };
        const cancel = timer(at - early, ring, this.#electors === 1 ? 0 : slack);
        return () => {
          cancel();
          end();
        };
      },
    };
  }

  #createClock(): Clock {
    const sources = this.clocks.sources(() => this.time);
    return createClock(sources, (delay, fire) => {
      const whole = Math.max(0, Math.ceil(delay));
      return this.after(whole + this.#random.between(whole === 0 ? 0 : EARLIEST, LATEST), fire);
    });
  }

  /** Runs a function outside of the process, `delay` ms after the process has sent it. */
  send(delay: number, arrive: () => void): void {
    this.#schedule.add(this.time + delay, arrive);
  }

  /** Calls `fire` after `delay` ms of its own time. The returned function cancels this. */
  readonly after = (delay: number, fire: () => void): (() => void) =>
    this.#timer(this.clocks.monotonicAt(this.time) + delay, fire);

  /** A timer on the monotonic clock, like those of libuv: the clock stops while the machine sleeps. */
  #timer(due: number, fire: () => void): () => void {
    let armed: Happening | undefined;
    let isOver = false;
    const arm = () => {
      const at = Math.max(this.time, this.clocks.whenMonotonic(due));
      armed = this.#schedule.add(at, () => this.enter(ring));
    };
    const ring = () => {
      if (isOver) return;
      // Its machine has slept in the meantime, or its clock now runs slower.
      if (this.clocks.monotonicAt(this.time) < due - 1e-6) return arm();
      isOver = true;
      fire();
    };
    arm();
    return () => {
      isOver = true;
      if (armed !== undefined) this.#schedule.cancel(armed);
    };
  }

  #proceed(): void {
    if (!this.isFree || this.#dead) return;
    this.#freeSince = this.#schedule.now;
    const waiting = this.#backlog.splice(0);
    this.#random.shuffle(waiting);
    for (const run of waiting) this.#schedule.add(this.#schedule.now, () => this.enter(run));
  }
}
