import type { HeldLease } from "./state.ts";

/**
 * How long things last in one election, in milliseconds. Settled once, when an elector is built, and
 * never changed while it runs.
 */
export interface Timing {
  /** How long the store keeps a lease that is not renewed. */
  readonly ttl: number;
  /** From the sending of a successful request to the sending of the next renewal. */
  readonly renewalInterval: number;
  /** How much of the ttl is not trusted: clock drift, and time to stop working. */
  readonly margin: number;
  /** The longest a candidate sleeps before it looks again. */
  readonly pollInterval: number;
  /** How long a term that is being given up is still renewed while its work and callbacks drain. */
  readonly drainTimeout: number;
}

/**
 * The moment until which a lease may be trusted that was asked for at `sentAt`.
 *
 * Counted from before the request leaves, so a slow answer cannot stretch it: the store starts its
 * own count later than we do, and the margin covers a clock that runs slower than the store's.
 */
export function trustedUntil(timing: Timing, sentAt: number): number {
  return sentAt + timing.ttl - timing.margin;
}

/**
 * The moment by which a lease has ended that was granted, or renewed, at `notAfter` at the latest.
 *
 * The margin counts twice: the store measures both times, until `notAfter` and the ttl, on its own clock.
 */
export function endedBy(timing: Timing, notAfter: number): number {
  return notAfter + timing.ttl + 2 * timing.margin;
}

/**
 * The part of the ttl that is not trusted: the drift between two clocks over one ttl plus 2 ms for
 * their granularity (the Redlock allowance), or the safety margin where that is more.
 */
export function marginOf(ttl: number, driftFactor: number, safetyMargin: number): number {
  return Math.max(ttl * driftFactor + 2, safetyMargin);
}

/**
 * How much earlier than its `renewAt` a lease may be renewed, so that many electors can do it together: a tenth
 * of the interval. Not while a renewal is unanswered: what follows a failure keeps its distance.
 */
export function renewalSlack({ renewalInterval }: Timing, { unanswered }: HeldLease): number {
  return unanswered ? 0 : renewalInterval / 10;
}

const FIRST_DELAY = 50;

/**
 * How long a candidate sleeps after a refusal: as long as the store says. When it has said so more than once
 * and did not grant it, at least 2, 4, 8 … 128 ms: a store that always says "at once" is not asked without
 * a pause.
 */
export function sleepAfter(
  { pollInterval, renewalInterval }: Timing,
  retryIn: number | undefined,
  failures: number,
): number {
  const least = failures === 0 ? 0 : Math.min(2 ** Math.min(failures, 7), renewalInterval);
  return Math.min(Math.max(retryIn ?? pollInterval, least), pollInterval);
}

/** Whether the store says that the lease is about to be free. If it then is not, that counts as a failure. */
export function isShort(retryIn: number | undefined): boolean {
  return retryIn !== undefined && retryIn < FIRST_DELAY;
}

/**
 * How long to wait after the given number of failures in a row: doubling from 50 ms up to the renewal
 * interval, and between half and all of that by `jitter` (0 to 1), so that processes which failed
 * together do not come back together.
 */
export function backoff(timing: Timing, failures: number, jitter: number): number {
  const longest = Math.max(timing.renewalInterval, 1);
  const delay = Math.min(longest, FIRST_DELAY * 2 ** Math.min(failures - 1, 30));
  return delay * (0.5 + jitter / 2);
}
