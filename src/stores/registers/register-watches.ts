import type { Timer } from "../connections/timer.ts";
import type { Cell, CellListener } from "../observed/register.ts";
import { PersistentWatch, type WatchAttempt } from "./persistent-watch.ts";

/** The watches of a register, by the elections that they follow. */
export class RegisterWatches<C extends Cell> {
  readonly #timer: Timer | undefined;
  readonly #watches = new Map<string, Set<PersistentWatch<C>>>();

  /** @param timer is for tests of this package. */
  constructor(timer?: Timer) {
    this.#timer = timer;
  }

  /** Begins one. Returns how to end it. */
  begin(
    key: string,
    listener: CellListener<C>,
    follow: (attempt: WatchAttempt<C>) => Promise<void>,
  ): () => void {
    const watch = new PersistentWatch(listener, follow, this.#timer);
    const ofKey = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, ofKey.add(watch));
    return () => {
      watch.end();
      ofKey.delete(watch);
      if (ofKey.size === 0 && this.#watches.get(key) === ofKey) this.#watches.delete(key);
    };
  }

  /** As {@link PersistentWatch.doubt}, for each watch of this election. */
  doubt(key: string, version: string): void {
    for (const watch of this.#watches.get(key) ?? []) watch.doubt(version);
  }
}
