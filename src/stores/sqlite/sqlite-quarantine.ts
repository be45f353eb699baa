import type { Decision, Moment, StoredLease } from "../lease-rules.ts";
import type { AcquireReply, RenewReply, RenewRequest } from "../lease-store.ts";
import { type MachineClock, remaining, stamp } from "./sqlite-clock.ts";
import type { Elections } from "./sqlite-schema.ts";

/** Of the row that is no election, but says when leases may have been forgotten. A key is never empty. */
const LOSS = "";

/** Writes down that leases which were granted before this moment may be missing. */
export function noteLoss(elections: Elections, clock: MachineClock): void {
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
    // Below the first of an election, so that it is neither listed nor told of.
    revision: 0,
  });
}

/** For how long a lease of this ttl may still be believed that was forgotten, in ms; 0 or less: none. */
export function quarantineLeft(elections: Elections, ttl: number, clock: MachineClock): number {
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

/** The decision, unless it elects somebody while the old leader may still believe in a forgotten lease. */
export function withoutGrant(
  decision: Decision<AcquireReply>,
  quarantine: () => number,
): Decision<AcquireReply> {
  const retryIn = decision.reply.granted ? quarantine() : 0;
  return retryIn <= 0
    ? decision
    : { reply: { granted: false, reason: "quarantine", leader: undefined, retryIn } };
}

/**
 * The decision, unless the lease is forgotten rather than superseded: its leader restores it. It asks
 * within its own not-after, so its lease has not ended, and nobody was elected since the loss.
 *
 * A term that is not the last of which is known restores nothing, nor does one that was released.
 */
export function withRestoredLease(
  decision: Decision<RenewReply>,
  lease: StoredLease | undefined,
  request: Pick<RenewRequest, "nonce" | "nodeId" | "metadata" | "ttl" | "token">,
  { now }: Moment,
  quarantine: () => number,
): Decision<RenewReply> {
  if (decision.reply.renewed || quarantine() <= 0) return decision;
  const { nonce, nodeId, metadata, ttl, token } = request;
  const own = lease?.nonce === nonce;
  if (lease !== undefined && lease.token >= token && !own) return decision;
  // A token is the moment in µs at which its term began, unless an earlier one was larger.
  const since = own && lease !== undefined ? lease.since : Math.floor(token / 1000);
  return {
    reply: { renewed: true },
    write: { nonce, nodeId, metadata, token, since, ttl, expiresAt: now + ttl },
    hint: "changed",
  };
}
