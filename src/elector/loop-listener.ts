import type { LossReason, ReleaseOutcome } from "../election/state.ts";
import type { StoreError } from "../errors.ts";
import type { Refusal } from "../stores/lease-store.ts";
import type { StoreOperation } from "./events.ts";

/**
 * What became of the lease: given back (`confirmed`), perhaps not (`unconfirmed`: the store did not
 * answer, and the lease ends by itself within its ttl), or there was `none`.
 */
export type Departure = ReleaseOutcome | "none";

/** Receives what happens in the loop, in order. */
export interface LoopListener {
  /** Whether another process has a lease, as far as is known. */
  readonly seesLease: boolean;
  /** The leader gave the lease back, if the hint is true. */
  released(): void;
  /**
   * `remaining` says how long the term may still be trusted, in ms, at each call. Returns what fulfils when callbacks
   * that returned a promise have settled; so does `deposed`.
   */
  elected(token: number, since: number, remaining: () => number): Promise<unknown>[];
  deposed(reason: LossReason): Promise<unknown>[];
  drainTimeout(): void;
  /** `trustedUntil`: until when the term is, on the elector's clock; `undefined` if it is over and work drains. */
  renewed(took: number, trustedUntil: number | undefined): void;
  refused(refusal: Refusal): void;
  storeError(operation: StoreOperation, error: StoreError, took: number): void;
  storeRecovered(operation: StoreOperation): void;
}
