import type { Leftover } from "../../election/state.ts";

/** What is remembered of an attempt to acquire the lease. */
export interface Attempt {
  readonly number: number;
  /** Under which identity the store knows it. */
  readonly nonce: string;
  /** When the term began that it won, by the store's wall clock, in ms since 1970. */
  since: number;
}

/** The attempts that may still matter, by the number that the election gave them. */
export class Attempts {
  #attempts: readonly Attempt[] = [];

  /** Remembers a new attempt, and forgets all that left nothing. */
  begin(number: number, nonce: string, leftovers: readonly Leftover[]): Attempt {
    const begun: Attempt = { number, nonce, since: 0 };
    const inUse = this.#attempts.filter((old) =>
      leftovers.some(({ attempt }) => attempt === old.number),
    );
    // A spread with one more element leaves room for sixteen others: 128 bytes in each elector (measured).
    this.#attempts = inUse.concat(begun);
    return begun;
  }

  of(number: number): Attempt {
    const known = this.#attempts.find((attempt) => attempt.number === number);
    if (known === undefined) throw new Error(`attempt ${number} was forgotten while in use`);
    return known;
  }
}
