/** What is remembered of an attempt to acquire the lease. */
export interface Attempt {
  /** Under which identity the store knows it. */
  readonly nonce: string;
  /** When the term began that it won, by the store's wall clock, in ms since 1970. */
  since: number;
}

/** The attempts that may still matter, by the number that the election gave them. */
export class Attempts {
  readonly #attempts = new Map<number, Attempt>();

  /** Remembers a new attempt, and forgets all that are not `inUse`. */
  begin(attempt: number, nonce: string, inUse: ReadonlySet<number>): void {
    for (const old of this.#attempts.keys()) if (!inUse.has(old)) this.#attempts.delete(old);
    this.#attempts.set(attempt, { nonce, since: 0 });
  }

  of(attempt: number): Attempt {
    const known = this.#attempts.get(attempt);
    if (known === undefined) throw new Error(`attempt ${attempt} was forgotten while in use`);
    return known;
  }
}
