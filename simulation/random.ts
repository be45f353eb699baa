/**
 * Random numbers from a seed (sfc32). The streams of one seed are independent, so that an additional decision
 * in one place does not change all the others.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** The same `seed` and `stream`, whole numbers below 2^53, give the same numbers. */
  constructor(seed: number, ...stream: readonly number[]) {
    this.#a = seed | 0;
    this.#b = (seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9;
    for (const part of stream) {
      this.#c = Math.imul(this.#c ^ part, 0x85ebca6b) + 0x165667b1;
      this.#next();
    }
    // Mix the state, or neighbouring seeds would give similar numbers.
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** Returns a number from 0 to 1, excluding 1. */
  fraction(): number {
    return (this.#next() >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** Returns a whole number between both bounds, inclusive. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Returns an element of a list, which must not be empty. */
  pick<const T>(list: readonly [T, ...T[]]): T {
    return list[this.whole(0, list.length - 1)] ?? list[0];
  }

  /** Shuffles the list in place. */
  shuffle<T>(list: T[]): void {
    for (let left = list.length - 1; left > 0; left -= 1) {
      const [chosen] = list.splice(this.whole(0, left), 1);
      if (chosen !== undefined) list.push(chosen);
    }
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum;
  }
}
