import type { Elector } from "../elector/elector.ts";

/** The methods of one election that run only on the leader. */
export class LeaderRuns {
  readonly elector: Elector;
  readonly #running = new Set<Promise<unknown>>();

  constructor(elector: Elector) {
    this.elector = elector;
    // The lease is kept until they have ended, so that none runs beside that of the next leader.
    elector.onLeadershipChange((isLeader) =>
      isLeader || this.#running.size === 0 ? undefined : Promise.allSettled([...this.#running]),
    );
  }

  /** Runs it if this process leads, and has led since `occasion`, in ms since 1970. */
  run<Result>(method: () => Result, occasion = Number.POSITIVE_INFINITY): Result | undefined {
    const { term } = this.elector;
    if (term === undefined || occasion < term.since.getTime()) return undefined;
    const result = method();
    if (result instanceof Promise) {
      const settle = () => void this.#running.delete(result);
      this.#running.add(result);
      result.then(settle, settle);
    }
    return result;
  }
}
