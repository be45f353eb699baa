import type {
  AcquireReply,
  AcquireRequest,
  LeaseRecord,
  RenewReply,
  RenewRequest,
} from "../lease-store.ts";
import type { Cell, ObservedRecord } from "./register.ts";
import type { Sighting } from "./sighting.ts";

/** The moment of a decision. */
export interface ObservedMoment {
  /** On the store's clock, which the sightings are dated by, in ms. */
  readonly now: number;
  /** The date, in ms since 1970. Nothing but tokens, `since` and what people see comes from it. */
  readonly wall: number;
  /** The sequence number of what is to be written: above that of every earlier write. */
  readonly seq: number;
  /** Whether a lease of which nothing is known may still be trusted. */
  readonly isGuarded: boolean;
}

/** An answer, or what to write in place of what was seen. */
export type ObservedDecision<Reply> =
  | { readonly reply: Reply; readonly write?: never }
  | { readonly write: ObservedRecord; readonly reply?: never };

type Wish<Request, Names extends keyof Request> = Pick<Request, Names>;

const DRIFT = 0.01;
const GRAIN = 2;

/**
 * How long a lease of this ttl may be trusted after it was seen, in ms. Its holder gives it up a hundredth earlier than
 * it must, and others take it a hundredth later: both clocks may drift.
 */
function longestOf(ttl: number): number {
  return ttl * (1 + DRIFT) + GRAIN;
}

/** Takes a lease that was released, or that has not been renewed for one ttl since it was seen. */
export function acquire(
  sighting: Sighting,
  wish: Wish<AcquireRequest, "nonce" | "nodeId" | "metadata" | "ttl" | "above">,
  moment: ObservedMoment,
): ObservedDecision<AcquireReply> {
  const { record } = sighting.cell;
  const { nonce, nodeId, metadata, ttl, above } = wish;
  if (record !== undefined && leftOf(sighting, moment.now) > 0) {
    return { reply: held(sighting, record, nonce, moment) };
  }
  const retryIn = leftOfQuarantine(sighting, ttl, moment);
  if (retryIn > 0) {
    return { reply: { granted: false, reason: "quarantine", leader: undefined, retryIn } };
  }
  const { wall, seq } = moment;
  // The date carries tokens over the loss of the data, and the others over a date set back.
  const token = Math.max(sighting.largestToken + 1, above + 1, Math.floor(wall * 1000));
  const since = Math.floor(wall);
  return { write: { nonce, seq, nodeId, metadata, token, since, ttl, at: since } };
}

/** Whether no process can trust the lease any more. */
export function isOver(sighting: Sighting, now: number): boolean {
  return leftOf(sighting, now) <= 0;
}

/** For how many more ms the lease may be trusted: none if it was released. */
function leftOf({ cell: { record }, seenAt }: Sighting, now: number): number {
  return record === undefined || record.nonce === "" ? 0 : seenAt + longestOf(record.ttl) - now;
}

/** An absent record, or one from the past, stands for a lease of an unknown process that began when it was seen. */
function leftOfQuarantine(
  { cell: { record }, seenAt, doubtedAt }: Sighting,
  ttl: number,
  { now, isGuarded }: ObservedMoment,
): number {
  const from = record === undefined ? seenAt : doubtedAt;
  if (!isGuarded || from === undefined) return 0;
  return from + longestOf(Math.max(ttl, record?.ttl ?? 0)) - now;
}

function held(
  sighting: Sighting,
  record: ObservedRecord,
  nonce: string,
  moment: ObservedMoment,
): AcquireReply {
  return {
    ...{ granted: false, reason: "held" },
    leader: describe(sighting, record, moment),
    retryIn: leftOf(sighting, moment.now),
    // It may be that of a request that was repeated on its way, whose first answer is still to come.
    applied: record.nonce === nonce ? "maybe" : "no",
  };
}

const superseded = { reply: { renewed: false, reason: "superseded" } } as const;

/**
 * Prolongs the lease that has this nonce. If the register has lost it, its holder, which asks while it still trusts
 * it, restores it: it is a record from the past that is in its place, or none.
 */
export function renew(
  { record }: Cell,
  wish: Wish<RenewRequest, "nonce" | "nodeId" | "metadata" | "ttl">,
  { wall, seq }: Pick<ObservedMoment, "wall" | "seq">,
  mine: ObservedRecord | undefined,
): ObservedDecision<RenewReply> {
  const { nonce, nodeId, metadata, ttl } = wish;
  const isForgotten = mine !== undefined && (record === undefined || record.token < mine.token);
  const base = record?.nonce === nonce ? record : isForgotten ? mine : undefined;
  if (base === undefined) return superseded;
  return { write: { ...base, nonce, nodeId, metadata, ttl, seq, at: Math.floor(wall) } };
}

/** The record without its holder. */
export function free(
  record: ObservedRecord,
  { wall, seq }: Pick<ObservedMoment, "wall" | "seq">,
): ObservedRecord {
  return { ...record, nonce: "", seq, at: Math.floor(wall) };
}

/** How far the dates of two machines may differ before one of them takes a live lease for one of the past, in ms. */
const DATES_DIFFER = 60_000;

/**
 * The lease as everyone may see it, while it may be trusted. A process that was not watching when it was written knows
 * only that it was before it was seen, and believes its date.
 */
export function read(
  sighting: Sighting,
  moment: Pick<ObservedMoment, "now" | "wall">,
): LeaseRecord | undefined {
  const { record } = sighting.cell;
  if (record === undefined || leftOf(sighting, moment.now) <= 0) return undefined;
  const isOfThePast = record.at + record.ttl + DATES_DIFFER < moment.wall;
  return !sighting.isSequel && isOfThePast ? undefined : describe(sighting, record, moment);
}

function describe(
  sighting: Sighting,
  { nodeId, token, since, metadata, at, ttl }: ObservedRecord,
  { now, wall }: Pick<ObservedMoment, "now" | "wall">,
): LeaseRecord {
  const seen = Math.min(ttl, sighting.seenAt + longestOf(ttl) - now);
  const dated = at + ttl - wall;
  // A date that cannot be right says nothing.
  const isDated = !sighting.isFresh && dated > 0 && dated < seen;
  return { nodeId, token, since, metadata, ttl, expiresIn: isDated ? dated : seen };
}
