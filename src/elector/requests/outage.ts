import type { StoreError } from "../../errors.ts";
import type { StoreOperation } from "../events.ts";

const none: readonly StoreOperation[] = [];

/** Which kinds of request fail at present. */
export class Outage {
  /** What each kind failed by last, and when. */
  readonly #failing = new Map<StoreOperation, { readonly message: string; readonly at: number }>();

  /**
   * Whether this is news. What was under way when the same failure was reported is a part of it: a leader repeats a
   * renewal that is not answered, and all of these attempts end at its deadline.
   */
  failed(operation: StoreOperation, { message }: StoreError, sentAt: number, now: number): boolean {
    const last = this.#failing.get(operation);
    if (last !== undefined && last.message === message && sentAt < last.at) return false;
    this.#failing.set(operation, { message, at: now });
    return true;
  }

  /**
   * What no longer fails, now that a request of this kind has succeeded. A campaign that goes on ends
   * the outage of all that it asks for: a follower renews nothing, and a leader does not acquire, so
   * neither would ever show that what failed before works again. A read shows only that reads work.
   */
  succeeded(operation: StoreOperation): readonly StoreOperation[] {
    if (this.#failing.size === 0) return none;
    const campaigns = operation === "acquire" || operation === "renew";
    const isRecovered = (failing: StoreOperation) =>
      failing === operation || (campaigns && failing !== "read");
    const recovered = [...this.#failing.keys()].filter(isRecovered);
    for (const failing of recovered) this.#failing.delete(failing);
    return recovered;
  }
}
