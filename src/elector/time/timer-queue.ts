import { Heap } from "./heap.ts";

/** A timer that is set again and again. An elector has one for as long as it lives. */
export interface Alarm {
  /** From now on it fires once at or shortly after `at`, or up to `slack` ms earlier, and not when it was set for before. */
  set(at: number, slack?: number): void;
  /** It does not fire until it is set again. */
  clear(): void;
}

/** Arms the one system timer of a queue, which fires in `delay` ms. Returns how to disarm it. */
export type Arm = (delay: number, fire: () => void) => () => void;

/**
 * How many timers fire together at most: what one call of a store takes. If ten thousand did, the event loop would stand still
 * while they fire, and all that they make would outlive young collections of garbage, which doubles their cost
 * (measured).
 */
const MAX_BATCH = 200;

/** How many cancelled moments may wait for their time, however few others there are. */
const MAX_CANCELLED = 64;

/**
 * Any number of timers on one timer of the system, which is armed for the earliest of them. Those of the
 * same ms are one entry, so a thousand that are due together cost little more than one.
 */
export class TimerQueue {
  readonly #now: () => number;
  readonly #arm: Arm;
  readonly #moments = new Map<number, Moment>();
  readonly #ahead = new Heap<Moment>((one, other) => one.at < other.at);
  /** The moment that timers with a slack share, by the stretch of time. */
  readonly #batches = new Map<number, Moment>();
  /** Those whose time has come, while they fire. */
  readonly #due: Moment[] = [];
  /** How many moments ahead have lost all their timers. */
  #cancelled = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};

  constructor(now: () => number, arm: Arm) {
    this.#now = now;
    this.#arm = arm;
  }

  /**
   * Calls `fire` once at or shortly after `at`, or up to `slack` ms earlier with others that have a slack; the
   * returned function prevents it.
   */
  add(at: number, fire: () => void, slack = 0): () => void {
    const timer = new Timer(this, fire);
    timer.set(at, slack);
    return () => timer.clear();
  }

  /** A timer that can be set again and again; it makes no garbage. */
  alarm(fire: () => void): Alarm {
    return new Timer(this, fire);
  }

  /** Sets a timer of this queue, or moves it. */
  set(timer: Timer, at: number, slack: number): void {
    const left = timer.leaveMoment();
    const due = Math.ceil(at);
    const moment = slack < 2 ? this.#momentOf(due) : this.#batchOf(due, slack);
    timer.joinMoment(moment);
    if (left?.isAlone) this.#onCancelled(left);
    if (moment.at < this.#armedFor) this.#armFirst();
  }

  /** Takes a timer of this queue out of it. */
  clear(timer: Timer): void {
    const left = timer.leaveMoment();
    if (left?.isAlone) this.#onCancelled(left);
  }

  /** The time has jumped, and the timer of the system does not know. */
  refresh(): void {
    if (this.#armedFor === Number.NEGATIVE_INFINITY) return; // They fire; the next is armed then.
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#armFirst();
  }

  #momentOf(at: number): Moment {
    const known = this.#moments.get(at);
    if (known !== undefined) return known;
    const moment = new Moment(at);
    this.#moments.set(at, moment);
    this.#ahead.add(moment);
    return moment;
  }

  /**
   * The time is divided into stretches that are no longer than the slack. The first timer of a stretch sets the
   * time for those after it; so none is early alone, and those that fired together once stay together.
   */
  #batchOf(at: number, slack: number): Moment {
    const length = 1 << (31 - Math.clz32(slack));
    const stretch = at - (at % length);
    const batch = this.#batches.get(stretch);
    if (batch !== undefined && batch.at <= at && at - batch.at <= slack && batch.hasRoom) {
      return batch;
    }
    const moment = this.#momentOf(at - this.#crowdedFor(at, slack));
    moment.stretch ??= stretch;
    if (moment.stretch === stretch) this.#batches.set(stretch, moment);
    return moment;
  }

  /** For how many ms before `at` there is no room, at most the slack. */
  #crowdedFor(at: number, slack: number): number {
    for (let early = 0; early <= slack; early += 1) {
      if (this.#moments.get(at - early)?.hasRoom !== false) return early;
    }
    return 0;
  }

  #forget(moment: Moment): void {
    this.#moments.delete(moment.at);
    if (moment.stretch === undefined) return;
    if (this.#batches.get(moment.stretch) === moment) this.#batches.delete(moment.stretch);
  }

  #onCancelled(moment: Moment): void {
    if (this.#moments.get(moment.at) !== moment) return; // Its time has come.
    this.#forget(moment);
    this.#cancelled += 1;
    if (moment.at === this.#armedFor) this.#armFirst();
    if (this.#cancelled <= Math.max(MAX_CANCELLED, this.#ahead.size / 2)) return;
    this.#ahead.keep(({ isAlone }) => !isAlone);
    this.#cancelled = 0;
  }

  #armFirst(): void {
    while (this.#ahead.first?.isAlone) {
      this.#ahead.take();
      this.#cancelled -= 1;
    }
    const first = this.#due[0] ?? this.#ahead.first;
    const now = this.#now(); // Before anything changes: this look may find that the time has jumped.
    if (first?.at === this.#armedFor) return;
    this.#disarm();
    this.#armedFor = first?.at ?? Number.POSITIVE_INFINITY;
    this.#disarm = first === undefined ? () => {} : this.#arm(first.at - now, this.#run);
  }

  readonly #run = (): void => {
    // Whatever is added meanwhile is armed at the end.
    this.#armedFor = Number.NEGATIVE_INFINITY;
    this.#collectDue();
    try {
      this.#fireDue();
    } finally {
      // If one has thrown, the others that are due have their turn at once.
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#armFirst();
    }
  };

  /** Before any of them fires: one that arms another for now must not keep the event loop. */
  #collectDue(): void {
    const now = this.#now();
    for (let first = this.#ahead.first; first !== undefined; first = this.#ahead.first) {
      if (first.at > now) return;
      this.#ahead.take();
      if (first.isAlone) {
        this.#cancelled -= 1;
      } else {
        this.#forget(first);
        this.#due.push(first);
      }
    }
  }

  #fireDue(): void {
    for (let moment = this.#due[0]; moment !== undefined; moment = this.#due[0]) {
      const timer = moment.next;
      if (timer instanceof Timer) {
        timer.leaveMoment();
        timer.fire();
      } else {
        this.#due.shift();
      }
    }
  }
}

/** A member of a ring. Leaving costs the same however many there are. */
class Link {
  next: Link = this;
  #previous: Link = this;

  get isAlone(): boolean {
    return this.next === this;
  }

  /** Becomes the last of a ring, seen from `first`. */
  join(first: Link): void {
    const last = first.#previous;
    this.#previous = last;
    this.next = first;
    last.next = this;
    first.#previous = this;
  }

  leave(): void {
    this.#previous.next = this.next;
    this.next.#previous = this.#previous;
    this.next = this.#previous = this;
  }
}

/** The timers of one ms: a ring that begins here. */
class Moment extends Link {
  readonly at: number;
  size = 0;
  /** The stretch of time whose timers with a slack it takes. */
  stretch: number | undefined;

  constructor(at: number) {
    super();
    this.at = at;
  }

  get hasRoom(): boolean {
    return this.size < MAX_BATCH;
  }
}

class Timer extends Link implements Alarm {
  readonly fire: () => void;
  readonly #queue: TimerQueue;
  #moment: Moment | undefined;

  constructor(queue: TimerQueue, fire: () => void) {
    super();
    this.#queue = queue;
    this.fire = fire;
  }

  set(at: number, slack = 0): void {
    this.#queue.set(this, at, slack);
  }

  clear(): void {
    this.#queue.clear(this);
  }

  joinMoment(moment: Moment): void {
    this.join(moment);
    this.#moment = moment;
    moment.size += 1;
  }

  /** Returns the moment that it has left, if it was set and has not fired. */
  leaveMoment(): Moment | undefined {
    const moment = this.#moment;
    if (moment === undefined) return undefined;
    this.leave();
    this.#moment = undefined;
    moment.size -= 1;
    return moment;
  }
}
