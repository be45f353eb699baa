/** Why a term ended. */
export type LossReason = "expired" | "superseded" | "store-lost" | "resigned" | "stopped";

/** What is known about giving a lease back: the store said so, or it could not be asked. */
export type ReleaseOutcome = "confirmed" | "unconfirmed";

/** Where a voluntary exit leads: back to candidacy, or out. */
export type Exit = "resign" | "stop";

/**
 * A lease that this process holds. `attempt` numbers the request that won it; the elector keeps the
 * nonce that belongs to the number.
 */
export interface HeldLease {
  readonly attempt: number;
  readonly token: number;
  /** The lease must not be trusted from this time on. */
  readonly trustedUntil: number;
  /** When the next renewal leaves. */
  readonly renewAt: number;
  /** A renewal left, and no good answer came since. */
  readonly unanswered: boolean;
  /** Failed renewals since the last good one. */
  readonly failures: number;
}

/** A lease that is no longer relied on, but that the store may still hold. */
export interface Leftover {
  /** The request that may have won it. */
  readonly attempt: number;
  /** After this time its acquire can no longer succeed. A release that left earlier may have overtaken it. */
  readonly decidedAt: number;
  /** By then it has ended by itself, whenever it was granted or renewed. */
  readonly until: number;
}

interface Common {
  /** How many leases were asked for so far; the last one's number. */
  readonly attempts: number;
  /** Work that `lead` started has not settled yet. */
  readonly working: boolean;
  /**
   * What earlier attempts and lost terms may have left, or may yet win: given back before the next attempt
   * and by a stop.
   */
  readonly leftovers: readonly Leftover[];
}

/** Takes no part: not started, or stopped. */
export interface Idle extends Common {
  readonly role: "idle";
}

/** Wants to lead, and sleeps until the next attempt is due. */
export interface Candidate extends Common {
  readonly role: "candidate";
  /** When the next attempt is due; while work has not settled, when leftovers are given back again. */
  readonly attemptAt: number;
  readonly failures: number;
  /** After a resignation: until then others go first, and no hint wakes us. */
  readonly heldOffUntil: number;
  /** When it is reported that work of an earlier term has not settled; never a second time. */
  readonly overdueAt: number;
}

/** Has asked for the lease and waits for the answer. */
export interface Campaigning extends Common {
  readonly role: "campaigning";
  readonly sentAt: number;
  readonly failures: number;
  /** A hint that came meanwhile. Latched, or a release during the attempt would go unnoticed. */
  readonly hinted: boolean;
  /** Stop was asked for: whatever the answer is, this process will not lead by it. */
  readonly withdrawn: boolean;
}

export interface Leader extends Common {
  readonly role: "leader";
  readonly lease: HeldLease;
}

/**
 * Where the callbacks of a loss are: they are being called; promises that callbacks returned have not settled; or
 * nothing of them is waited for.
 */
export type CallbackState = "running" | "pending" | "settled";

/** No longer leads, but work or callbacks have not settled: the lease is kept until they have. */
export interface Draining extends Common {
  readonly role: "draining";
  readonly exit: Exit;
  readonly callbacks: CallbackState;
  readonly drainUntil: number;
  /** Gone when the lease was lost while draining; what may be left of it is among the leftovers. */
  readonly lease: HeldLease | undefined;
}

/** Gives back its lease and the leftovers. */
export interface Releasing extends Common {
  readonly role: "releasing";
  readonly exit: Exit;
  /** When to try again, if something has to be. */
  readonly retryAt: number | undefined;
  readonly failures: number;
  /** When it gives up. The lease then ends by itself. */
  readonly until: number;
}

export type ElectionState = Idle | Candidate | Campaigning | Leader | Draining | Releasing;

export const initialState: Idle = { role: "idle", attempts: 0, working: false, leftovers: [] };

/** Whether the elector leads at `now`. Computed, never stored: after a pause the first look is right. */
export function isLeading(state: ElectionState, now: number): state is Leader {
  return state.role === "leader" && now < state.lease.trustedUntil;
}

/** Whether the lease with this token is held at `now`: led by it, or kept while work drains. */
export function holds(state: ElectionState, token: number, now: number): boolean {
  const lease = state.role === "leader" || state.role === "draining" ? state.lease : undefined;
  return lease?.token === token && now < lease.trustedUntil;
}

/**
 * Whether a hint at `now` would have it ask for the lease. Not after several attempts in a row that failed and are being
 * given back: the hint may be of that, and each would cause the next attempt at once (12,000 releases a second without a
 * majority of Sentinels).
 */
export function awaitsHint(state: ElectionState, now: number): boolean {
  if (state.role !== "candidate" || state.working || now < state.heldOffUntil) return false;
  return state.failures <= 1 || state.leftovers.every(({ until }) => now >= until);
}

/** The lease whose renewal is what wakes the leader next, if that is so. */
export function nextRenewal(state: ElectionState): HeldLease | undefined {
  return state.role === "leader" && state.lease.renewAt < state.lease.trustedUntil
    ? state.lease
    : undefined;
}

/** When the next `wake` is due, if ever. */
export function nextWake(state: ElectionState): number | undefined {
  switch (state.role) {
    case "idle":
    case "campaigning":
      return undefined;
    case "candidate":
      // Also while work has not settled and nothing is asked for: a timer keeps the process alive.
      return state.working ? Math.min(state.attemptAt, state.overdueAt) : state.attemptAt;
    case "leader":
      return Math.min(state.lease.renewAt, state.lease.trustedUntil);
    case "draining":
      return state.lease === undefined
        ? state.drainUntil
        : Math.min(state.drainUntil, state.lease.renewAt, state.lease.trustedUntil);
    case "releasing":
      return state.retryAt;
  }
}
