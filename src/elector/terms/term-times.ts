import type { Clock } from "../time/clock.ts";

/** Measures terms, and the times without a leader between them. All times are in ms. */
export class TermTimes {
  readonly #clock: Pick<Clock, "now">;
  #since = 0;
  #trustedUntil = 0;
  /** The last moment with a leader, as far as we know; in the future while one has a lease. */
  #ledUntil: number | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** While we took no part others may have led: what was seen before says nothing now. */
  forget(): void {
    this.#ledUntil = undefined;
  }

  /** A process holds a lease that ends in `expiresIn` ms. */
  sawLease(expiresIn: number): void {
    this.#ledUntil = this.#clock.now() + expiresIn;
  }

  /** Whether another process has a lease, as far as we know. */
  get seesLease(): boolean {
    return this.#ledUntil !== undefined && this.#ledUntil > this.#clock.now();
  }

  /** The leader gave the lease back. If that is not true, the next refusal says so. */
  sawRelease(): void {
    this.#ledUntil = this.#clock.now();
  }

  /** Our term begins. Returns how long there was no leader, if that is known. */
  begin(remaining: number): number | undefined {
    this.#since = this.#clock.now();
    this.#trustedUntil = this.#since + remaining;
    const ledUntil = this.#ledUntil;
    // The last lease we saw has not ended yet: it was given back, and we do not know when.
    return ledUntil === undefined || ledUntil > this.#since ? undefined : this.#since - ledUntil;
  }

  prolong(trustedUntil: number): void {
    this.#trustedUntil = trustedUntil;
  }

  /** Our term is over. Returns how long it lasted: after a pause until its deadline, not until now. */
  end(): number {
    this.#ledUntil = Math.min(this.#clock.now(), this.#trustedUntil);
    return Math.max(0, this.#ledUntil - this.#since);
  }
}
