import type { StoreOperation } from "./events.ts";

/** Which kinds of request fail at present. */
export class Outage {
  readonly #failing = new Set<StoreOperation>();

  failed(operation: StoreOperation): void {
    this.#failing.add(operation);
  }

  /**
   * What no longer fails, now that a request of this kind has succeeded. A campaign that goes on ends
   * the outage of all that it asks for: a follower renews nothing, and a leader does not acquire, so
   * neither would ever show that what failed before works again. A read shows only that reads work.
   */
  succeeded(operation: StoreOperation): StoreOperation[] {
    const campaigns = operation === "acquire" || operation === "renew";
    const recovered = [...this.#failing].filter(
      (failing) => failing === operation || (campaigns && failing !== "read"),
    );
    for (const each of recovered) this.#failing.delete(each);
    return recovered;
  }
}
