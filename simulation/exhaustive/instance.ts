import type { Timing } from "../../src/election/timing.ts";
import type * as tally from "../../src/stores/redis-quorum/quorum-count.ts";
import type { Rules } from "../redis/script-catalogue.ts";

/**
 * A small election that can be explored completely. Time advances in ticks: the elector's ms and the
 * server's µs are both one tick.
 */
export interface Instance {
  readonly name: string;
  readonly timing: Timing;
  /** How many ticks a server that lost its data grants no lease. */
  readonly quarantine: number;
  /** The number of servers. One means a `RedisStore`, several a `RedisQuorumStore`. */
  readonly servers: number;
  /** The scripts that the servers execute. */
  readonly rules: Rules;
  /** How the answers of several servers are counted. */
  readonly tally: Tally;
  /** The owner of a lease. In the real rules this is the attempt. */
  readonly identity: "attempt" | "node";
  /** How many attempts each candidate may make. */
  readonly attempts: readonly number[];
  /** Whether candidates after the first may start at any time, rather than at the beginning. */
  readonly latecomers: boolean;
  /** Whether an answer may arrive at any time. Otherwise it arrives at once or never. */
  readonly lateAnswers: boolean;
  /** How often each fault may happen, over all candidates and servers. */
  readonly budget: Budget;
  /** The number of ticks of the whole run. */
  readonly ticks: number;
  /** Whether irrelevant parts are pruned. Exploring without pruning shows that pruning is sound. */
  readonly prunes: boolean;
}

export type Tally = Pick<typeof tally, "countVotes" | "countConsents" | "counts">;

/** The faults that may happen, and how often. */
export interface Budget {
  readonly renewals: number;
  readonly resignations: number;
  /** FLUSHALL: the data is lost, the server is the same. */
  readonly flushes: number;
  /** The server is restarted without data. */
  readonly wipes: number;
  /** The server is restarted with its data. */
  readonly restarts: number;
  /** The server is restarted, or replaced, with older data. */
  readonly rollbacks: number;
  /** A command is executed and arrives again. */
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
