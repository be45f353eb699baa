import { chanceOf } from "../redis/chance.ts";

/** What one server's clock showed, and when that was on ours. */
export interface ClockReading {
  /** Since 1970, in µs. */
  readonly micros: number;
  /** In ms. */
  readonly at: number;
}

/** What a proposal is made from. */
export interface Known {
  /** The largest token that was seen of the election, or proposed for it. */
  readonly seen: number;
  /** The clocks of the servers that are known. */
  readonly clocks: readonly ClockReading[];
  /** On our clock, in ms. */
  readonly now: number;
  /** How far a reading may be carried on by our own clock, in ms: a ttl. */
  readonly carry: number;
}

/**
 * The token that a candidate proposes to all servers: above all that it has seen, or the time by the
 * servers' clocks where that is more.
 *
 * The floor that a server sets when it lost its memory must be above every earlier token, so no token may
 * run ahead of the clocks. Hence the median, which one wrong clock cannot move, the lower one of two,
 * and a reading that is old is carried on only so far: to be late is safe, as a server that knows better
 * says that it is outbid.
 */
export function propose({ seen, clocks, now, carry }: Known): number {
  const times = clocks
    .map(({ micros, at }) => micros + Math.min(Math.max(now - at, 0), carry) * 1000)
    .sort((a, b) => a - b);
  const median = times[Math.ceil(times.length / 2) - 1] ?? 0;
  return Math.max(seen + 1, Math.floor(median));
}

const SHORTEST_WINDOW = 4;
const LONGEST_WINDOW = 2000;

/**
 * How long to wait after the votes were split, in ms, by the randomness of the nonce: candidates
 * that failed together must not come back together. The window is a few times what an attempt takes,
 * and doubles with each split in a row.
 */
export function afterSplit(nonce: string, splits: number, took: number): number {
  const window = Math.max(4 * took, SHORTEST_WINDOW) * 2 ** Math.min(splits - 1, 20);
  return chanceOf(nonce) * Math.min(window, LONGEST_WINDOW);
}
