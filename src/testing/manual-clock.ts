import { setImmediate } from "node:timers";
import type { Clock } from "../elector/time/clock.ts";

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * A clock that only advances when a test calls `advance` or `block`. It starts at 0 ms.
 *
 * @example
 * const clock = new ManualClock();
 * clock.timer(500, () => console.log("half a second"));
 * await clock.advance(1000);
 */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** Returns the ms since the clock was created. */
  now(): number {
    return this.#now;
  }

  /**
   * Calls `fire` at the time `at`, in ms. The returned function cancels the timer.
   *
   * @example
   * const cancel = clock.timer(clock.now() + 100, () => timeOut());
   * cancel();
   */
  timer(at: number, fire: () => void): () => void {
    const timer: Timer = { at, fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** The number of timers that are armed. */
  get armed(): number {
    return this.#timers.size;
  }

  /** The ms until the next timer is due; `undefined` if none is armed. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : Math.max(0, next.at - this.#now);
  }

  /**
   * Advances the clock by `ms`. Timers that become due fire in order, and promises settle before the next
   * one fires.
   *
   * @example
   * await clock.advance(10_000); // Ten seconds, and everything that happens in them.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = this.#next();
      if (due === undefined || due.at > end) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.fire();
    }
    this.#now = Math.max(this.#now, end);
    await settle();
  }

  /**
   * Advances the clock by `ms` without firing timers, as if the process were stopped or its event loop
   * blocked. The next `advance` fires the timers that have become due.
   *
   * @example
   * clock.block(60_000);
   * await clock.advance(0);
   */
  block(ms: number): void {
    this.#now += ms;
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0];
  }
}

/** Resolves after pending promises have settled. Uses no global timer, which a test runner may have replaced. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
