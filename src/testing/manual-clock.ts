import { setImmediate } from "node:timers";
import type { Clock } from "../elector/clock.ts";

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Time that passes only when a test says so. It begins at 0. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** Calls `fire` when `at` has come; the returned function prevents it. */
  timer(at: number, fire: () => void): () => void {
    const timer: Timer = { at, fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, in ms from now; nothing where none is armed. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : Math.max(0, next.at - this.#now);
  }

  /** Lets `ms` pass; timers fire in order, each with whatever follows from it. */
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

  /** Lets `ms` pass while nothing can run: the process is stopped, or its event loop blocked. */
  block(ms: number): void {
    this.#now += ms;
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets every promise that can settle do so. Not of the globals, which a runner may have replaced. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
