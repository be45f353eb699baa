import { guard } from "./events.ts";
import type { Term } from "./term.ts";

/**
 * Told of every gain and every loss: `isLeader` is the new state, `term` the one that begins or has
 * just ended. Runs synchronously; keep it short, because renewals wait for it.
 */
export type LeadershipCallback = (isLeader: boolean, term: Term) => void;

interface Listener {
  readonly callback: LeadershipCallback;
  /** The term whose loss it must still be told. */
  owed: Term | undefined;
}

/** The leadership callbacks, told alternately of gains and losses, in registration order. */
export class LeadershipListeners {
  readonly #listeners = new Set<Listener>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** One that registers during a term is told of its end, not of its beginning. */
  add(callback: LeadershipCallback, current: Term | undefined): () => void {
    const listener: Listener = { callback, owed: current };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Tells of a gain for as long as it is true. If a callback blocks until the lease is over, or stops
   * the elector, those after it hear neither of the gain nor of the loss: nobody is told stale truth.
   */
  tellGain(term: Term, stillLeads: () => boolean): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener) || !stillLeads()) continue;
      listener.owed = term;
      guard(() => listener.callback(true, term), this.#report);
    }
  }

  tellLoss(term: Term): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener) || listener.owed !== term) continue;
      listener.owed = undefined;
      guard(() => listener.callback(false, term), this.#report);
    }
  }
}
