import type { Store } from "../../../simulation/index.ts";

/** The real code with one mistake in it, and what has to be seen of that. */
export interface Mutant {
  /** The mistake. */
  readonly name: string;
  /** The promises of which it breaks at least one. Any other violation does not count. */
  readonly breaks: readonly string[];
  /** Below `src/`. */
  readonly file: string;
  /** What is there exactly once, and what stands there instead. */
  readonly replace: readonly [from: string, to: string];
  /** On how many Redis servers it is simulated, unless the trace says so: 1 if it is left out, 0 for a register. */
  readonly servers?: number;
  /** What the only server is, if not a Redis server by itself. */
  readonly store?: Store;
  /** A scenario below `test/simulation/traces/`, for what seeds find too rarely. */
  readonly trace?: string;
}
