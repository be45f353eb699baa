import type { Hint } from "../lease-store.ts";
import { ObservedAttempt } from "./observed-attempt.ts";
import type { Cell } from "./register.ts";
import { type Sighting, type View, viewOf } from "./sighting.ts";

/** After so many ttls without a request, every write has arrived or is lost, and no lease lives on. */
const REMEMBERED = 10;
/** What counts as a ttl if none is known, in ms. */
const SHORTEST = 1000;

/** Hears of changes by hints. */
export interface HintListener {
  readonly onHint: (hint: Hint) => void;
}

/** How often connections of the store to the register were lost. */
export interface Breaks {
  count: number;
}

/** What a store knows of one election. */
export class ObservedElection<C extends Cell> {
  readonly listeners = new Set<HintListener>();
  /** Ends the watch of the register, if there is one. */
  unwatch: (() => void) | undefined;
  /** Whether the register reports every change at the moment. */
  isWatched = false;
  readonly #breaks: Breaks;
  /** How many of these the election has noticed. */
  #noticed: number;
  #interruptions = 0;
  #view: View<C> = { sighting: undefined, gap: undefined };
  #largestSeq = 0;
  /** When it was last asked for. */
  #touchedAt = Number.NEGATIVE_INFINITY;
  /** Of its requests and records. */
  #longestTtl = SHORTEST;
  readonly #attempts = new Map<string, ObservedAttempt<C>>();

  constructor(breaks: Breaks) {
    this.#breaks = breaks;
    this.#noticed = breaks.count;
  }

  /** How often changes may have been missed. */
  get interruptions(): number {
    this.#notice();
    return this.#interruptions;
  }

  /** The record as it was seen last. It may decide only while nothing can have been missed since. */
  get sighting(): Sighting<C> | undefined {
    this.#notice();
    return this.#view.gap === undefined ? this.#view.sighting : undefined;
  }

  /** As {@link viewOf}. */
  see(cell: C, now: number, sentAt = Number.NEGATIVE_INFINITY): Sighting<C> {
    this.#notice();
    this.touch(now, cell.record?.ttl);
    const view = viewOf(this.#view, cell, { now, sentAt, isWatched: this.isWatched });
    this.#view = view;
    return view.sighting;
  }

  /**
   * The register reports a cell: the first of a watch, or a change. A register that was set back before the watch began
   * may have broken no connection of this process, so what was seen until then is dated anew.
   */
  hear(cell: C, now: number): void {
    this.#notice();
    if (!this.isWatched) this.#view = { ...this.#view, gap: this.#view.gap ?? "absent" };
    this.see(cell, now);
    this.isWatched = true;
  }

  /** Changes may be missed from now on. */
  interrupt(): void {
    this.#noticed = this.#breaks.count;
    this.isWatched = false;
    this.#view = { ...this.#view, gap: "interrupted" };
    this.#interruptions += 1;
  }

  /**
   * What was lost for another election of the store may have been lost because the register was set back. A watch
   * reports by itself when it breaks; without one, this is the only sign (seed 1106710).
   */
  #notice(): void {
    if (this.#noticed === this.#breaks.count) return;
    this.#noticed = this.#breaks.count;
    if (!this.isWatched) this.interrupt();
  }

  /** No longer takes part. What was seen is remembered only so that an older record will be known as one. */
  leave(): void {
    this.unwatch?.();
    this.unwatch = undefined;
    this.isWatched = false;
    this.#interruptions += 1;
    this.#view = { ...this.#view, gap: this.#view.gap ?? "absent" };
  }

  /** A number above all that this store has seen or given in this election, also of writes that were lost. */
  nextSeq(seen: number): number {
    this.#largestSeq = Math.max(this.#largestSeq, seen) + 1;
    return this.#largestSeq;
  }

  /** It is asked for. */
  touch(now: number, ttl = 0): void {
    this.#touchedAt = now;
    this.#longestTtl = Math.max(this.#longestTtl, ttl);
  }

  /** Whether what is known of it is still of use. */
  isInUse(now: number): boolean {
    return this.listeners.size > 0 || now < this.#touchedAt + REMEMBERED * this.#longestTtl;
  }

  /** The attempt of this nonce. Forgets those that have sent nothing for many of their ttls. */
  attempt(nonce: string, now: number, ttl = this.#longestTtl): ObservedAttempt<C> {
    for (const [other, { neededUntil }] of this.#attempts) {
      if (neededUntil < now) this.#attempts.delete(other);
    }
    const attempt = this.#attempts.get(nonce) ?? new ObservedAttempt<C>();
    attempt.neededUntil = Math.max(attempt.neededUntil, now + REMEMBERED * ttl);
    this.#attempts.set(nonce, attempt);
    return attempt;
  }
}
