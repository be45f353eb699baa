import type { StoreOperation } from "../events.ts";

const none: readonly StoreOperation[] = [];

/** Which kinds of request fail at present. */
export class Outage {
  #failing = none;

  failed(operation: StoreOperation): void {
    if (!this.#failing.includes(operation)) this.#failing = [...this.#failing, operation];
  }

  /**
   * What no longer fails, now that a request of this kind has succeeded. A campaign that goes on ends
   * the outage of all that it asks for: a follower renews nothing, and a leader does not acquire, so
   * neither would ever show that what failed before works again. A read shows only that reads work.
   */
  succeeded(operation: StoreOperation): readonly StoreOperation[] {
    if (this.#failing.length === 0) return none;
    const campaigns = operation === "acquire" || operation === "renew";
    const isRecovered = (failing: StoreOperation) =>
      failing === operation || (campaigns && failing !== "read");
    const recovered = this.#failing.filter(isRecovered);
    this.#failing = this.#failing.filter((failing) => !isRecovered(failing));
    return recovered;
  }
}
