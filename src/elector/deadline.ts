import { IncumbentError, StoreError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** Requests on their way to the store, each racing a deadline of ours. */
export class Requests {
  readonly #clock: Clock;
  readonly #pending = new Set<AbortController>();

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
    this.#pending.add(controller);
    const { signal } = controller;
    let cancel = this.#clock.timer(notAfter, () => controller.abort(unanswered()));
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = () => {
        cancel();
        // The store hears of it first: it may know why there was no answer.
        cancel = this.#clock.timer(this.#clock.now(), () => reject(signal.reason));
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      const answer = await Promise.race([send(signal), aborted]);
      signal.throwIfAborted();
      return answer;
    } finally {
      cancel();
      this.#pending.delete(controller);
    }
  }

  /** Waits for nothing any more. That says nothing about the store, unlike a deadline. */
  abandon(): void {
    const reason = new IncumbentError("INCUMBENT_STOPPED", "Nobody waits for this any more.");
    for (const controller of this.#pending) controller.abort(reason);
  }
}

function unanswered(): StoreError {
  return new StoreError("INCUMBENT_STORE_TIMEOUT", "The store did not answer in time.", {
    applied: "maybe",
  });
}
