import type {
  AcquireReply,
  AcquireRequest,
  Hint,
  LeaseRecord,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
} from "./lease-store.ts";

/** What a store keeps of an election, for ever: the token must outlive every lease. */
export interface StoredLease {
  /** Whose lease it is; empty once it was released. */
  readonly nonce: string;
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly token: number;
  /** When the term began, in ms since 1970. */
  readonly since: number;
  readonly ttl: number;
  /** On the store's clock, in ms. */
  readonly expiresAt: number;
}

/** The moment of a decision. */
export interface Moment {
  /** On the store's clock, in ms. */
  readonly now: number;
  /** Since 1970, in ms. Nothing but tokens and `since` comes from it. */
  readonly wall: number;
  /**
   * By how much the clock that wrote the lease may differ from the one that reads it, in ms.
   * @defaultValue 0
   */
  readonly slack?: number;
  /**
   * For how many more ms a lease of this ttl may be trusted by a leader although the store has lost it.
   * Only for a store that can notice such a loss; called only if it matters.
   * @defaultValue none
   */
  readonly quarantine?: (ttl: number) => number;
}

/** What follows from a request. */
export interface Decision<Reply> {
  readonly reply: Reply;
  /** What to keep from now on; nothing where the lease stays as it is. */
  readonly write?: StoredLease;
  /** The hint for those who watch. */
  readonly hint?: Hint;
}

/**
 * The answers to requests that are carried out after their not-after. They write nothing. A release has
 * none: it frees only what is its own, and to refuse it would keep all candidates out for a ttl.
 */
export const late = {
  acquire: { granted: false, reason: "late", leader: undefined, retryIn: undefined },
  renew: { renewed: false, reason: "late" },
} as const satisfies Record<string, AcquireReply | RenewReply>;

type Wish<Request, Names extends keyof Request> = Pick<Request, Names>;

/** Refused while any live lease exists, be it of an earlier attempt of the same process. */
export function acquire(
  lease: StoredLease | undefined,
  wish: Wish<AcquireRequest, "nonce" | "nodeId" | "metadata" | "ttl" | "above">,
  { now, wall, slack = 0, quarantine }: Moment,
): Decision<AcquireReply> {
  const { nonce, nodeId, metadata, ttl, above } = wish;
  if (lease !== undefined && isLive(lease, now)) return refuse(lease, nonce, now, slack);
  const retryIn = leftOfQuarantine(quarantine, lease, ttl);
  if (retryIn > 0)
    return { reply: { granted: false, reason: "quarantine", leader: undefined, retryIn } };
  // The wall clock carries tokens over the loss of the data, and the others over a clock set back.
  const token = Math.max((lease?.token ?? 0) + 1, above + 1, Math.floor(wall * 1000));
  const since = Math.floor(wall);
  return {
    reply: { granted: true, token, since },
    write: { nonce, nodeId, metadata, token, since, ttl, expiresAt: now + ttl },
    hint: "changed",
  };
}

function refuse(
  lease: StoredLease,
  nonce: string,
  now: number,
  slack: number,
): Decision<AcquireReply> {
  const leader = describe(lease, now);
  const applied = lease.nonce === nonce ? "maybe" : "no";
  const retryIn = leader.expiresIn;
  const reply = { granted: false, reason: "held", leader, retryIn, applied } as const;
  // No lease has more than its ttl ahead of it: the clock was set back. Written down, or the lease
  // would last until the clock is again where it was.
  return lease.expiresAt > now + lease.ttl + slack
    ? { reply, write: { ...lease, expiresAt: now + lease.ttl } }
    : { reply };
}

/** The forgotten lease may have been as long as the one that is remembered. */
function leftOfQuarantine(
  quarantine: Moment["quarantine"],
  lease: StoredLease | undefined,
  ttl: number,
): number {
  return quarantine?.(Math.max(ttl, lease?.ttl ?? 0)) ?? 0;
}

/** A lease that has ended is never revived, even if it is still free: its holder has reported the loss. */
export function renew(
  lease: StoredLease | undefined,
  wish: Wish<RenewRequest, "nonce" | "nodeId" | "metadata" | "ttl" | "token">,
  { now, quarantine }: Moment,
): Decision<RenewReply> {
  if (lease === undefined || !isOf(lease, wish.nonce, now)) {
    return leftOfQuarantine(quarantine, lease, wish.ttl) > 0
      ? restore(lease, wish, now)
      : superseded;
  }
  const { nodeId, metadata, ttl } = wish;
  const write = { ...lease, nodeId, metadata, ttl, expiresAt: now + ttl };
  const isNews = nodeId !== lease.nodeId || metadata !== lease.metadata;
  return { reply: { renewed: true }, write, ...(isNews && { hint: "changed" }) };
}

const superseded = { reply: { renewed: false, reason: "superseded" } } as const;

/**
 * The store has lost the lease, and its leader restores it. The leader asks within its own not-after, so
 * the lease has not ended, and no other candidate was elected since the loss.
 *
 * A term that is not the last of which the store knows restores nothing, nor does one that was released.
 */
function restore(
  lease: StoredLease | undefined,
  wish: Wish<RenewRequest, "nonce" | "nodeId" | "metadata" | "ttl" | "token">,
  now: number,
): Decision<RenewReply> {
  const { nonce, nodeId, metadata, ttl, token } = wish;
  const own = lease?.nonce === nonce;
  if (lease !== undefined && lease.token >= token && !own) return superseded;
  // A token is the moment in µs at which its term began, unless an earlier one was larger.
  const since = own && lease !== undefined ? lease.since : Math.floor(token / 1000);
  return {
    reply: { renewed: true },
    write: { nonce, nodeId, metadata, token, since, ttl, expiresAt: now + ttl },
    hint: "changed",
  };
}

/** Ends the lease and keeps its token. */
export function release(
  lease: StoredLease | undefined,
  { nonce }: Wish<ReleaseRequest, "nonce">,
  { now }: Moment,
): Decision<ReleaseReply> {
  return lease !== undefined && isOf(lease, nonce, now)
    ? {
        reply: { released: true },
        write: { ...lease, nonce: "", expiresAt: now },
        hint: "released",
      }
    : { reply: { released: false } };
}

/** The lease as everyone may see it, while it is live. */
export function read(lease: StoredLease | undefined, now: number): LeaseRecord | undefined {
  return lease !== undefined && isLive(lease, now) ? describe(lease, now) : undefined;
}

function isLive(lease: StoredLease, now: number): boolean {
  return lease.nonce !== "" && now < lease.expiresAt;
}

function isOf(lease: StoredLease, nonce: string, now: number): boolean {
  return isLive(lease, now) && lease.nonce === nonce;
}

function describe(lease: StoredLease, now: number): LeaseRecord {
  const { nodeId, token, since, metadata, ttl } = lease;
  return { nodeId, token, since, metadata, ttl, expiresIn: Math.min(lease.expiresAt - now, ttl) };
}
