import type { LeaseStore } from "../stores/lease-store.ts";

/** An elector that may have to wait before it asks for the lease. */
export interface Applicant {
  /** Whether a hint would have it ask for the lease at once. */
  readonly isWaiting: boolean;
  hint(): void;
}

/**
 * How many candidates of a process ask one store at the same time, by default: two calls of a store that
 * takes 200 at a time, one on its way and one to follow it.
 */
export const MOST_CANDIDACIES = 400;

/**
 * Lets so many candidates ask a store at the same time; the others wait for their turn before they send anything. A
 * request waits for its answer for one renewal interval only. When thousands of electors started at once, most of
 * them waited that long in the queue of the store, failed, and asked again, and few were ever answered (measured:
 * ten thousand needed 25 s and 146,000 failed requests).
 */
export class Admissions {
  #inside = 0;
  readonly #waiting = new Set<Applicant>();

  /** Returns whether it may ask now. If not, it gets a hint when it is its turn. */
  enter(applicant: Applicant, most: number): boolean {
    this.#waiting.delete(applicant);
    if (this.#inside >= most) {
      this.#waiting.add(applicant);
      return false;
    }
    this.#inside += 1;
    return true;
  }

  /** One that had entered has its answer, or waits for it no longer. */
  leave(): void {
    this.#inside -= 1;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      // It may lead by now, or take no part any more.
      if (!next.isWaiting) continue;
      next.hint();
      return;
    }
  }

  /** It has stopped. */
  withdraw(applicant: Applicant): void {
    this.#waiting.delete(applicant);
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
