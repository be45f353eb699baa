/** What is remembered of an election from one attempt to the next. */
export interface Memory {
  /** The largest token that a server showed, or that was proposed. */
  seen: number;
  /** How often in a row the votes were split. */
  splits: number;
  /** When the last of these was known, on the candidates' clock, in ms. */
  splitAt: number;
}

/** Of how many elections. To forget one is safe: it costs an attempt that is outbid. */
const REMEMBERED = 1000;

const fresh: Memory = { seen: 0, splits: 0, splitAt: Number.NEGATIVE_INFINITY };

/** Memories of elections in which an attempt failed, until one is decided. */
export class Memories {
  readonly #memories = new Map<string, Memory>();

  of(key: string): Memory {
    const memory = this.#memories.get(key) ?? { ...fresh };
    this.#memories.delete(key);
    this.#memories.set(key, memory);
    // Attempts that are never made again would be remembered for ever.
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > REMEMBERED && oldest !== undefined) this.#memories.delete(oldest);
    return memory;
  }

  /** Once a candidate is elected, the clocks are ahead of what was seen. */
  forget(key: string): void {
    this.#memories.delete(key);
  }
}
