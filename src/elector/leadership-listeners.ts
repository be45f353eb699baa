import { guard } from "./events.ts";
import type { Term } from "./term.ts";

/**
 * Called at every gain and every loss: `isLeader` is the new state, `term` the one that begins or has
 * just ended. Runs synchronously; keep it short, because renewals wait for it.
 */
export type LeadershipCallback = (isLeader: boolean, term: Term) => void;

interface Listener {
  readonly callback: LeadershipCallback;
  /** The term whose loss must still be reported to it. */
  owed: Term | undefined;
}

/** The leadership callbacks, called alternately for gains and losses, in registration order. */
export class LeadershipListeners {
  readonly #listeners = new Set<Listener>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** One that registers during a term is called at its end, not for its beginning. */
  add(callback: LeadershipCallback, current: Term | undefined): () => void {
    const listener: Listener = { callback, owed: current };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Reports a gain for as long as it is true. If a callback blocks until the lease is over, or stops
   * the elector, those after it are called neither for the gain nor for the loss: no callback gets stale news.
   */
  reportGain(term: Term, stillLeads: () => boolean): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener) || !stillLeads()) continue;
      listener.owed = term;
      guard(() => listener.callback(true, term), this.#report);
    }
  }

  reportLoss(term: Term): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener) || listener.owed !== term) continue;
      listener.owed = undefined;
      guard(() => listener.callback(false, term), this.#report);
    }
  }
}
