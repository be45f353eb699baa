import { type Clock, createClock } from "../src/elector/clock.ts";
import type { MachineClocks } from "./machine-clocks.ts";
import type { Random } from "./random.ts";
import type { Happening, Schedule } from "./schedule.ts";

/** A timer comes up to 2 ms late, and up to 1 ms early: Node.js counts in whole milliseconds. */
const [EARLIEST, LATEST] = [-1, 2];

/**
 * One process on a machine of its own. All that reaches it goes through {@link enter}: what comes while
 * it cannot run waits, and then comes in any order, late answers before late timers too.
 */
export class SimulatedProcess {
  readonly clocks: MachineClocks;
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #backlog: (() => void)[] = [];
  #dead = false;
  #halts = 0;
  /** Code of this process is running, at this moment of the world's time plus `#ahead`. */
  #inside = false;
  #ahead = 0;
  #busyUntil = 0;
  #freeSince = 0;
  /** Called before its event loop is blocked, the first time in one go. */
  onBlock: () => void = () => {};
  /** Called before something happens in it. */
  onEnter: () => void = () => {};

  constructor(schedule: Schedule, clocks: MachineClocks, random: Random) {
    this.#schedule = schedule;
    this.clocks = clocks;
    this.#random = random;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Its machine sleeps. */
  get isAsleep(): boolean {
    return this.clocks.isSuspended;
  }

  /** Whether it may run now. */
  get isFree(): boolean {
    return this.#halts === 0 && !this.isBusy;
  }

  /** Whether its own time has run ahead of the world's, because a callback blocked the event loop. */
  get isBusy(): boolean {
    return this.#schedule.now < this.#busyUntil;
  }

  /** Since when it could always run, if it can. */
  get freeSince(): number {
    return this.#freeSince;
  }

  /** The moment it is in: the world's, or a later one while a callback of it blocks. */
  get time(): number {
    return this.#schedule.now + this.#ahead;
  }

  /** Lets `run` happen in the process, now or as soon as it can. */
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

  /** To be called when everything that followed from {@link enter} has happened. True if something did. */
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

  /** A callback keeps the event loop: the process's own time goes on, inside of it, and the world's later. */
  block(ms: number): void {
    if (!this.#inside) return;
    if (this.#ahead === 0) this.onBlock();
    this.#ahead += ms;
  }

  /** Nothing of it runs until it is called as often by {@link proceed}. */
  halt(): void {
    this.#halts += 1;
  }

  proceed(): void {
    this.#halts -= 1;
    this.#proceed();
  }

  /** Ends without a word. */
  kill(): void {
    this.#dead = true;
    this.#backlog.length = 0;
  }

  /** When it has caught up with its own time: for what happens to its machine from outside. */
  get reachableAt(): number {
    return Math.max(this.#schedule.now, this.#busyUntil);
  }

  /** The real clock of an elector, on this machine. `count` hears of every timer armed (1) and gone (-1). */
  clock(count: (change: 1 | -1) => void): Clock {
    const { now } = createClock(this.clocks.sources(() => this.time));
    const timer: Clock["timer"] = (at, fire) => {
      const delay = Math.max(0, Math.ceil(at - now()));
      const due = this.clocks.monotonicAt(this.time) + delay;
      const slack = this.#random.between(delay === 0 ? 0 : EARLIEST, LATEST);
      count(1);
      return this.#timer(
        due + slack,
        () => {
          count(-1);
          fire();
        },
        () => count(-1),
      );
    };
    return { now, timer };
  }

  /** Lets something happen outside of it, `delay` ms after it has sent it. */
  send(delay: number, arrive: () => void): void {
    this.#schedule.add(this.time + delay, arrive);
  }

  /** Calls `fire` in `delay` ms of its own time, unless the returned function is called before. */
  readonly after = (delay: number, fire: () => void): (() => void) =>
    this.#timer(this.clocks.monotonicAt(this.time) + delay, fire, () => {});

  /** On the monotonic clock, as libuv's: it stands still while the machine sleeps. */
  #timer(due: number, fire: () => void, onCancel: () => void): () => void {
    let armed: Happening | undefined;
    let isOver = false;
    const arm = () => {
      const at = Math.max(this.time, this.clocks.whenMonotonic(due));
      armed = this.#schedule.add(at, () => this.enter(ring));
    };
    const ring = () => {
      if (isOver) return;
      // Its machine slept meanwhile, or its clock runs slower now.
      if (this.clocks.monotonicAt(this.time) < due - 1e-6) return arm();
      isOver = true;
      fire();
    };
    arm();
    return () => {
      if (isOver) return;
      isOver = true;
      if (armed !== undefined) this.#schedule.cancel(armed);
      onCancel();
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
