import type { Timing } from "../../src/election/timing.ts";
import type * as tally from "../../src/stores/redis-quorum/quorum-count.ts";
import type { Rules } from "../redis/script-catalogue.ts";

/**
 * A small election, to be explored to the end. Time goes in ticks: the elector's ms and the server's µs
 * are both one tick.
 */
export interface Instance {
  readonly name: string;
  readonly timing: Timing;
  /** How long nobody is elected after a loss of memory. */
  readonly quarantine: number;
  /** How many servers elect together. One is a `RedisStore`, several are a `RedisQuorumStore`. */
  readonly servers: number;
  /** What the servers do with each script. */
  readonly rules: Rules;
  /** How the answers of several servers are counted. */
  readonly tally: Tally;
  /** Who a lease belongs to. In truth, to an attempt. */
  readonly identity: "attempt" | "node";
  /** How often each candidate may ask for the lease. */
  readonly attempts: readonly number[];
  /** Whether all but the first candidate are started at any time, and not all at the beginning. */
  readonly latecomers: boolean;
  /** Whether an answer may come at any time. Otherwise it is heard at once or never. */
  readonly lateAnswers: boolean;
  /** How often something may happen, all candidates and servers together. */
  readonly budget: Budget;
  /** How long all of it takes. */
  readonly ticks: number;
  /** Whether what can change nothing is left out. Without, to see that this is true. */
  readonly prunes: boolean;
}

export type Tally = Pick<typeof tally, "countVotes" | "countConsents" | "counts">;

/** What the world may do to the election, and how often. */
export interface Budget {
  readonly renewals: number;
  readonly resignations: number;
  /** FLUSHALL: the memory is lost, the server is the same. */
  readonly flushes: number;
  /** The server is restarted without its memory. */
  readonly wipes: number;
  /** The server is restarted with its memory. */
  readonly restarts: number;
  /** The server is restarted, or replaced, with an older memory. */
  readonly rollbacks: number;
  /** A command is carried out and arrives once more. */
  readonly repetitions: number;
}

export const nothingHappens: Budget = {
  renewals: 0,
  resignations: 0,
  flushes: 0,
  wipes: 0,
  restarts: 0,
  rollbacks: 0,
  repetitions: 0,
};
