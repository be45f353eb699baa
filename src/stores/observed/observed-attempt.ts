import type { Cell, ObservedRecord } from "./register.ts";
import { isSame } from "./sighting.ts";

/** A lease as its store wrote it last. */
export interface HeldLease<C extends Cell> {
  readonly cell: C;
  readonly record: ObservedRecord;
  /** When it ends at the latest, on the clock of the requests that it was granted and renewed by. */
  readonly endsAt: number;
}

/** What a store knows of one attempt to lead, by its nonce. */
export class ObservedAttempt<C extends Cell> {
  lease: HeldLease<C> | undefined;
  /** Until when something that it sent may still arrive, on the store's clock. */
  neededUntil = Number.NEGATIVE_INFINITY;
  /** Writes that may still arrive, with what they replace. */
  readonly #doubts = new Map<ObservedRecord, C>();

  /** From now on the write may arrive at any time. */
  doubt(write: ObservedRecord, seen: C): void {
    this.#doubts.set(write, seen);
  }

  /** What became of the write is known. */
  settle(write: ObservedRecord): void {
    this.#doubts.delete(write);
  }

  /** A write that would replace this cell if it arrived now. */
  doubtOn(cell: C): ObservedRecord | undefined {
    for (const [write, seen] of this.#doubts) if (isSame(seen, cell)) return write;
    return undefined;
  }

  /** Keeps the lease, unless a renewal that was sent later has been answered sooner. */
  keep(lease: HeldLease<C>): void {
    if (lease.endsAt >= (this.lease?.endsAt ?? Number.NEGATIVE_INFINITY)) this.lease = lease;
  }
}
