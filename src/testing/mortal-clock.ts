import type { Clock } from "../elector/time/clock.ts";

/** The clock of one process, until that process crashes. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #armed = new Set<() => void>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on no timer fires, and whatever was trusted until some time is trusted no longer. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#armed) cancel();
    this.#armed.clear();
  }

  now(): number {
    return this.#isStopped ? Number.POSITIVE_INFINITY : this.#clock.now();
  }

  timer(at: number, fire: () => void): () => void {
    if (this.#isStopped) return () => {};
    const cancel = this.#clock.timer(at, () => {
      this.#armed.delete(cancel);
      fire();
    });
    this.#armed.add(cancel);
    return () => {
      this.#armed.delete(cancel);
      cancel();
    };
  }
}
