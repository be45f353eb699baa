import type { LeaseStore } from "../../stores/lease-store.ts";

/** A candidate that may have to wait before it asks for the lease. */
export interface WaitingCandidate {
  /** Whether a hint would have it ask for the lease at once. */
  readonly isWaiting: boolean;
  hint(): void;
}

/**
 * How many candidates of a process ask one store at the same time, by default: two calls of a store that
 * takes 200 at a time, one on its way and one to follow it.
 */
export const MAX_CONCURRENT_ACQUIRES = 400;

/**
 * Limits how many candidates ask a store at the same time; the others wait for their turn before they send anything. A
 * request waits for its answer for one renewal interval only. When thousands of electors started at once, most of
 * them waited that long in the queue of the store, failed, and asked again, and few were ever answered (measured:
 * ten thousand needed 25 s and 146,000 failed requests).
 */
export class Admissions {
  #asking = 0;
  readonly #waiting = new Set<WaitingCandidate>();

  /** Returns whether it may ask now. If not, it gets a hint when it is its turn. */
  tryEnter(candidate: WaitingCandidate, most: number): boolean {
    this.#waiting.delete(candidate);
    if (this.#asking >= most) {
      this.#waiting.add(candidate);
      return false;
    }
    this.#asking += 1;
    return true;
  }

  /** A candidate that had entered has its answer, or waits for it no longer. */
  leave(): void {
    this.#asking -= 1;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      // It may lead by now, or take no part any more.
      if (!next.isWaiting) continue;
      next.hint();
      return;
    }
  }

  /** It has stopped. */
  cancel(candidate: WaitingCandidate): void {
    this.#waiting.delete(candidate);
  }
}

/** By what the store shares with others. */
const admissions = new WeakMap<object, Admissions>();

export function admissionsOf(store: LeaseStore): Admissions {
  const place = store.shared ?? store;
  const known = admissions.get(place) ?? new Admissions();
  admissions.set(place, known);
  return known;
}
