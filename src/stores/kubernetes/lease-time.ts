const SECOND = 1000;
/** The last second that RFC 3339 can write, in ms since 1970. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * A time of a Lease, from ms since 1970: with six digits of a second, since the API server refuses any other number
 * of them.
 */
export function leaseTime(ms: number): string {
  const time = Math.min(Math.max(Math.floor(ms), 0), LAST);
  return new Date(time).toISOString().replace("Z", "000Z");
}

/** In ms since 1970; 0 if there is none, or none that can be read. */
export function readLeaseTime(text: unknown): number {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

/**
 * When a Lease was renewed, `now`, but in a later second than it was renewed `before`. A candidate of client-go
 * compares whole seconds: two renewals in one of them would be one, and it would take a lease that is still trusted.
 */
export function renewTimeAfter(before: unknown, now: number): string {
  const next = Math.floor(readLeaseTime(before) / SECOND) * SECOND + SECOND;
  return leaseTime(next > now && next <= LAST ? next : now);
}
