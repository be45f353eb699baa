import { type Clocks, remaining, stamp } from "./sqlite-clock.ts";
import type { Elections } from "./sqlite-schema.ts";

/** Of the row that is no election, but says when leases may have been forgotten. A key is never empty. */
const LOSS = "";

/** Writes down that leases which were granted before this moment may be missing. */
export function noteLoss(elections: Elections, clock: Clocks): void {
  const ends = stamp(0, clock);
  elections.save({
    key: LOSS,
    nonce: "",
    node_id: "",
    metadata: null,
    token: 0,
    since: Math.floor(clock.wall()),
    ttl: 0,
    boot_id: ends.bootId,
    ends_monotonic: ends.endsMonotonic,
    ends_boot: ends.endsBoot,
    boot_resolution: ends.bootResolution,
    // Below the first of an election, so that it is neither listed nor reported.
    revision: 0,
  });
}

/** For how many more ms a lease of this ttl may be trusted although it is missing; 0 or less if none can be. */
export function quarantineLeft(elections: Elections, ttl: number, clock: Clocks): number {
  const loss = elections.find(LOSS);
  if (loss === undefined) return 0;
  const lifetime = ttl * 1000;
  const { left, slack } = remaining(
    {
      bootId: loss.boot_id,
      endsMonotonic: loss.ends_monotonic === null ? null : loss.ends_monotonic + lifetime,
      endsBoot: loss.ends_boot + lifetime,
      bootResolution: loss.boot_resolution,
    },
    ttl,
    clock,
  );
  // The clock went back: written again, or it would last until the clock is where it was.
  if (left > ttl + slack) noteLoss(elections, clock);
  return Math.min(left, ttl + slack);
}
