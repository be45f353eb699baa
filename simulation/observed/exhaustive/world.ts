import type { Cell, ObservedRecord } from "../../../src/stores/observed/register.ts";
import type { View } from "../../../src/stores/observed/sighting.ts";
import { type Budget, type Instance, nothingHappens } from "./instance.ts";

/** A tick, in ms. */
export const TICK = 1000;
/** A lease is waited for during exactly two ticks: a hundredth and 2 ms are added to its ttl. */
export const TTL = (2 * TICK - 2) / 1.01;
/** For how long a leader trusts a lease, from when it asked for it. */
export const TRUSTED = TTL - (TTL * 0.01 + 2);

/** What a candidate asks the register. */
export interface Request {
  readonly sentAt: number;
  /** What is to be replaced by `record`; nothing if it only looks. */
  readonly write: { readonly seen: Cell; readonly record: ObservedRecord } | undefined;
}

/** A request or its answer on its way, for any length of time; a lost one is on its way for ever. */
export interface Message {
  readonly candidate: number;
  readonly request: Request;
  readonly answer: { readonly written: boolean; readonly cell: Cell } | undefined;
}

/** What a candidate is about to do. It waits for one answer at a time. */
export interface Errand {
  readonly what: "acquire" | "renew" | "release";
  /** When it was begun: from then on a lease counts. */
  readonly since: number;
  readonly tried: number;
  /** The interruptions before the write. */
  readonly interruptions: number;
  readonly request: Request;
}

/** A lease as its candidate wrote it last. */
export interface Lease {
  readonly cell: Cell;
  readonly record: ObservedRecord;
  readonly endsAt: number;
}

/** A candidate, and what its store knows. */
export interface Candidate {
  readonly view: View;
  readonly largestSeq: number;
  readonly interruptions: number;
  /** Whether the register reports each change, or has ceased to without the candidate's knowledge. */
  readonly watch: "live" | "broken" | "none" | "gone";
  /** Whether the store relies on what was reported. */
  readonly isWatched: boolean;
  /** Changes on their way to it, in their order. */
  readonly events: readonly Cell[];
  readonly attempts: number;
  readonly errand: Errand | undefined;
  readonly lease: Lease | undefined;
  /** Writes of this attempt that may still arrive. */
  readonly doubts: readonly { readonly seen: Cell; readonly record: ObservedRecord }[];
  /** Until when it believes that it leads. */
  readonly trustedUntil: number;
  /** Whether it knows that its lease is released. */
  readonly hasReleased: boolean;
}

export interface World {
  readonly now: number;
  readonly cell: Cell;
  /** The record before. */
  readonly before: Cell;
  readonly beginning: Cell;
  readonly revision: number;
  readonly candidates: readonly Candidate[];
  readonly messages: readonly Message[];
  readonly spent: Budget;
  readonly largestToken: number;
  readonly violation: string | undefined;
}

export const START = 10 * TICK;

const ABSENT: Cell = { version: "0", record: undefined };
const RELEASED: Cell = {
  version: "1",
  record: {
    ...{ nonce: "", seq: 0, nodeId: "", metadata: undefined, token: 1, since: 0, ttl: 0, at: 0 },
  },
};

export function beginningOf({ attempts, isFounded, latecomer }: Instance): World {
  const cell = isFounded ? RELEASED : ABSENT;
  const sighting = {
    ...{ cell, seenAt: START, isSequel: false, isFresh: false, doubtedAt: undefined },
    largestToken: cell.record?.token ?? 0,
  };
  const informed: Candidate = {
    view: { sighting, gap: undefined },
    ...{ largestSeq: 0, interruptions: 0, watch: "live", isWatched: true, events: [] },
    ...{ attempts: 0, errand: undefined, lease: undefined, doubts: [], trustedUntil: 0 },
    hasReleased: false,
  };
  const late: Candidate = {
    ...informed,
    ...{ view: { sighting: undefined, gap: undefined }, watch: "none", isWatched: false },
  };
  return {
    ...{ now: START, cell, before: cell, beginning: cell, messages: [] },
    candidates: attempts.map((_, index) =>
      latecomer && index === attempts.length - 1 ? late : informed,
    ),
    revision: Number(cell.version),
    ...{ spent: nothingHappens, largestToken: 0, violation: undefined },
  };
}

/** When a cell is seen. What people read depends on whether it was watched; nothing that is explored does. */
export function momentOfSight({ now }: World, sentAt: number) {
  return { now, sentAt, isWatched: false };
}

export function withCandidate(world: World, index: number, change: Partial<Candidate>): World {
  const candidates = world.candidates.map((each, at) =>
    at === index ? { ...each, ...change } : each,
  );
  return { ...world, candidates };
}

export function candidateIn({ candidates }: World, index: number): Candidate {
  const found = candidates[index];
  if (found === undefined) throw new Error(`There is no candidate ${index}.`);
  return found;
}

export function spend(world: World, what: keyof Budget): World {
  return { ...world, spent: { ...world.spent, [what]: world.spent[what] + 1 } };
}

/** The promise that is broken in this world. */
export function violationIn(world: World): string | undefined {
  const leaders = world.candidates.flatMap(({ trustedUntil }, index) =>
    trustedUntil > world.now ? [index] : [],
  );
  if (leaders.length > 1) return "I1: c0 and c1 both lead";
  const [leader] = leaders;
  // A register that was set back has forgotten the lease, which its holder may still trust.
  const isForgotten = world.spent.rollbacks > 0;
  const holder = world.cell.record?.nonce;
  if (leader !== undefined && !isForgotten && holder !== nonceOf(world, leader)) {
    return `I4: c${leader} leads, and the lease is that of ${holder || "no one"}`;
  }
  const left = world.candidates.findIndex(
    ({ hasReleased }, index) => hasReleased && holder === nonceOf(world, index),
  );
  // One that has ended may still be taken by a late write: it is not the clean-up's to free.
  const wasFree = world.before.record?.nonce === "";
  if (left >= 0 && wasFree && !isForgotten)
    return `I7: c${left} has released its lease, and holds it`;
  return world.violation;
}

/** Of the attempt that it makes. */
export function nonceOf(world: World, index: number): string {
  return `c${index}.${candidateIn(world, index).attempts}`;
}
