/**
 * How much of a time on our clock, in ms, has passed for sure on another one, the server's or a leader's: ours may run
 * faster, in the simulation by a fifth. If what another server has granted seemed longer ago than it was, its leases
 * would not be waited for.
 */
export function surelyPassed(ms: number): number {
  return ms * 0.8;
}
