import type { Hint } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A store whose watchers hear nothing more once it was closed, although it is used again. */
class ForgetsWatchers extends PlainStore {
  readonly #unwatch = new Set<() => void>();

  override watch(key: string, onHint: (hint: Hint) => void): () => void {
    const unwatch = super.watch(key, onHint);
    this.#unwatch.add(unwatch);
    return unwatch;
  }

  override async close() {
    for (const unwatch of this.#unwatch) unwatch();
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["watching-outlives-a-close"],
  open: (place) => new ForgetsWatchers(place),
};
