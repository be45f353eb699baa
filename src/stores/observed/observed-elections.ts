import { ObservedElection } from "./observed-election.ts";
import type { Cell } from "./register.ts";

/**
 * What a store knows of its elections, by key. One that it is no longer asked for is forgotten, as if the store had
 * just been made: a process may ask for any number of keys, each once.
 */
export class ObservedElections<C extends Cell> {
  readonly #known = new Map<string, ObservedElection<C>>();
  readonly #onForgotten: (key: string) => void;
  readonly #breaks = { count: 0 };

  constructor(onForgotten: (key: string) => void) {
    this.#onForgotten = onForgotten;
  }

  [Symbol.iterator](): IterableIterator<[string, ObservedElection<C>]> {
    return this.#known.entries();
  }

  get(key: string, now: number): ObservedElection<C> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#forget(now);
    const election = new ObservedElection<C>(this.#breaks);
    this.#known.set(key, election);
    return election;
  }

  /** A connection was lost. Elections that are not watched hear of it no other way. */
  lost(): void {
    this.#breaks.count += 1;
  }

  /** Looks at two for each new one, in turn, so that it is never long before each has been looked at. */
  #forget(now: number): void {
    for (let looked = 0; looked < 2; looked += 1) {
      const [oldest] = this.#known;
      if (oldest === undefined) return;
      const [key, election] = oldest;
      this.#known.delete(key);
      if (election.isInUse(now)) this.#known.set(key, election);
      else this.#onForgotten(key);
    }
  }
}
