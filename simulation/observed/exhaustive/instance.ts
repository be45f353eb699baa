import * as rules from "../../../src/stores/observed/observed-rules.ts";
import type { ObservedRecord } from "../../../src/stores/observed/register.ts";
import { isSame, viewOf } from "../../../src/stores/observed/sighting.ts";

/** What decides in the exploration: the rules of the engine, or broken ones. */
export interface Rules {
  readonly acquire: typeof rules.acquire;
  readonly renew: typeof rules.renew;
  readonly free: typeof rules.free;
  readonly viewOf: typeof viewOf;
  readonly isSame: typeof isSame;
  /** Whether records are numbered. */
  readonly numbers: boolean;
  /** Whether an interruption during a write makes its lease doubtful. */
  readonly doubts: boolean;
  /** Whether a lease is renewed only until its deadline. */
  readonly expires: boolean;
  /** Whether a release replaces a record that is not its own: if that is free, and a write may still take it. */
  readonly cleansUp: (isFree: boolean, doubt: ObservedRecord | undefined) => boolean;
}

export const realRules: Rules = {
  ...{ acquire: rules.acquire, renew: rules.renew, free: rules.free, viewOf, isSame },
  ...{ numbers: true, doubts: true, expires: true },
  cleansUp: (isFree, doubt) => isFree && doubt !== undefined,
};

/** How often each of these may happen. */
export interface Budget {
  readonly renewals: number;
  readonly releases: number;
  /** The register is set back to an earlier state. */
  readonly rollbacks: number;
  /** A write arrives once more. */
  readonly repetitions: number;
  /** A read is answered with the record before. */
  readonly staleReads: number;
}

export const nothingHappens: Budget = {
  ...{ renewals: 0, releases: 0, rollbacks: 0, repetitions: 0, staleReads: 0 },
};

/** A small election that can be explored to the end. */
export interface Instance {
  readonly name: string;
  readonly rules: Rules;
  /** How often each candidate may ask for the lease. */
  readonly attempts: readonly number[];
  readonly budget: Budget;
  /** For how many ticks. */
  readonly ticks: number;
  /** Whether there was an earlier leader, which has released its lease. */
  readonly isFounded: boolean;
  /** Whether the last candidate has seen nothing before its first attempt. */
  readonly latecomer: boolean;
}

export function instance(
  name: string,
  budget: Partial<Budget>,
  changes: Partial<Instance> = {},
): Instance {
  return {
    ...{ name, rules: realRules, attempts: [1, 1], ticks: 3, isFounded: true, latecomer: false },
    budget: { ...nothingHappens, ...budget },
    ...changes,
  };
}
