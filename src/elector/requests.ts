import { IncumbentError, isIncumbentError, StoreError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** Requests on their way to the store, each racing a deadline of ours. */
export class Requests {
  readonly #clock: Clock;
  readonly #pending = new Set<(reason: IncumbentError) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The answer of `send`, or a `StoreError` once `notAfter` has passed: a client may keep a command
   * for minutes (a half-open connection, measured), and no client option revokes one that was
   * written. An answer that comes later goes nowhere.
   */
  async race<T>(notAfter: number, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const { signal } = controller;
    let giveUp: (reason: IncumbentError) => void = () => {};
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = (reason) => {
        reject(reason);
        controller.abort(reason);
      };
    });
    let cancel = this.#clock.timer(notAfter, () => {
      // The store hears of it first: it may know why there was no answer.
      controller.abort(unanswered());
      cancel = this.#clock.timer(this.#clock.now(), () => giveUp(signal.reason));
    });
    this.#pending.add(giveUp);
    try {
      const answer = await Promise.race([send(signal), givenUp]);
      signal.throwIfAborted();
      return answer;
    } finally {
      cancel();
      this.#pending.delete(giveUp);
    }
  }

  /** Waits for nothing any more. That says nothing about the store, unlike a deadline. */
  abandon(): void {
    const message = "The elector was stopped before the store had answered.";
    const reason = new IncumbentError("INCUMBENT_STOPPED", message);
    for (const giveUp of [...this.#pending]) giveUp(reason);
  }
}

/** Whether a request failed only because we waited for it no longer. */
export function wasAbandoned(error: unknown): boolean {
  return isIncumbentError(error) && error.code === "INCUMBENT_STOPPED";
}

function unanswered(): StoreError {
  return new StoreError("INCUMBENT_STORE_TIMEOUT", "The store did not answer in time.", {
    applied: "maybe",
  });
}
