import { Heap } from "../src/elector/time/heap.ts";

/** Something that will happen at a given time of the world. */
export interface Happening {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Everything that will happen, in virtual time. Entries of the same time keep their order. */
export class Schedule {
  /** The world's time, in ms. */
  now = 0;
  readonly #ahead = new Heap(isBefore);
  #added = 0;
  /** How many entries have run. */
  steps = 0;

  /** Adds an entry. One that is already due runs next. */
  add(at: number, run: () => void): Happening {
    const happening = { at: Math.max(at, this.now), order: this.#added, run };
    this.#added += 1;
    this.#ahead.add(happening);
    return happening;
  }

  cancel(happening: Happening): void {
    happening.run = undefined;
  }

  /** Advances to the next entry and runs it. Returns false if there is none before `end`. */
  step(end: number): boolean {
    for (;;) {
      const { first } = this.#ahead;
      if (first === undefined || first.at > end) {
        this.now = Math.max(this.now, end);
        return false;
      }
      this.#ahead.take();
      const { run } = first;
      if (run === undefined) continue;
      this.now = first.at;
      first.run = undefined;
      this.steps += 1;
      run();
      return true;
    }
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
