/** Something that will happen at a given time of the world. */
export interface Happening {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Everything that will happen, in virtual time: a binary heap. Entries of the same time keep their order. */
export class Schedule {
  /** The world's time, in ms. */
  now = 0;
  readonly #heap: Happening[] = [];
  #added = 0;
  /** How many entries have run. */
  steps = 0;

  /** Adds an entry. One that is already due runs next. */
  add(at: number, run: () => void): Happening {
    const happening = { at: Math.max(at, this.now), order: this.#added, run };
    this.#added += 1;
    this.#heap.push(happening);
    this.#rise(this.#heap.length - 1);
    return happening;
  }

  cancel(happening: Happening): void {
    happening.run = undefined;
  }

  /** Advances to the next entry and runs it. Returns false if there is none before `end`. */
  step(end: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.at > end) {
        this.now = Math.max(this.now, end);
        return false;
      }
      this.#remove();
      const { run } = first;
      if (run === undefined) continue;
      this.now = first.at;
      first.run = undefined;
      this.steps += 1;
      run();
      return true;
    }
  }

  #rise(start: number): void {
    const heap = this.#heap;
    const moving = heap[start];
    let index = start;
    while (moving !== undefined && index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, moving)) break;
      heap[index] = parent;
      heap[above] = moving;
      index = above;
    }
  }

  #remove(): void {
    const heap = this.#heap;
    const moving = heap.pop();
    if (moving === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(moving, child)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = moving;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
