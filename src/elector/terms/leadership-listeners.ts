import { type Events, guard } from "../events.ts";
import type { Term } from "./term.ts";

/**
 * Called at every gain and every loss: `isLeader` is the new state, `term` the one that begins or has
 * just ended. Runs synchronously; keep it short, because renewals wait for it.
 *
 * It may return a promise. When this process leaves (`stop`, `resign`, the end of `lead` work), the lease is kept, and
 * renewed, until every such promise has settled, at most `drainTimeout`. When it loses its term, nothing waits.
 *
 * @example
 * elector.onLeadershipChange(async (isLeader) => {
 *   if (isLeader) await scheduler.start();
 *   else await scheduler.stop(); // After stop() or resign(), no other process leads before this is done.
 * });
 */
export type LeadershipCallback = (isLeader: boolean, term: Term) => unknown;

interface Listener {
  readonly callback: LeadershipCallback;
  /** The term whose loss must still be reported to it. */
  owed: Term | undefined;
}

/** The leadership callbacks, called alternately for gains and losses, in registration order. */
export class LeadershipListeners {
  #listeners: readonly Listener[] = [];
  readonly #events: Pick<Events, "emit">;

  /** @param events learn of what a callback throws. */
  constructor(events: Pick<Events, "emit">) {
    this.#events = events;
  }

  /** One that registers during a term is called at its end, not for its beginning. */
  add(callback: LeadershipCallback, current: Term | undefined): () => void {
    const listener: Listener = { callback, owed: current };
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /**
   * Reports a gain for as long as it is true. If a callback blocks until the lease is over, or stops
   * the elector, those after it are called neither for the gain nor for the loss: no callback gets stale news.
   * Returns what fulfils when callbacks that returned a promise have settled.
   */
  reportGain(term: Term, stillLeads: () => boolean): Promise<unknown>[] {
    const pending: Promise<unknown>[] = [];
    for (const listener of this.#listeners) {
      if (!this.#listeners.includes(listener) || !stillLeads()) continue;
      listener.owed = term;
      pending.push(...this.#call(listener, true, term));
    }
    return pending;
  }

  /** Returns what {@link reportGain} does. */
  reportLoss(term: Term): Promise<unknown>[] {
    const pending: Promise<unknown>[] = [];
    for (const listener of this.#listeners) {
      if (!this.#listeners.includes(listener) || listener.owed !== term) continue;
      listener.owed = undefined;
      pending.push(...this.#call(listener, false, term));
    }
    return pending;
  }

  #call({ callback }: Listener, isLeader: boolean, term: Term): Promise<unknown>[] {
    const report = (error: unknown) => this.#events.emit("callbackError", { error });
    const settled = guard(() => callback(isLeader, term), report);
    return settled === undefined ? [] : [settled];
  }
}
