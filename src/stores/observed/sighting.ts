import type { Cell, ObservedRecord } from "./register.ts";

/** What a store has seen of an election, and since when. */
export interface Sighting<C extends Cell = Cell> {
  readonly cell: C;
  /** When the answer or event came by which the store first knew of it, on the store's clock. */
  readonly seenAt: number;
  /** Whether it followed another sighting without a gap, so that it was written after that. */
  readonly isSequel: boolean;
  /** Whether it is a sequel and every change was being reported, so that it was written just before `seenAt`. */
  readonly isFresh: boolean;
  /** When the store last saw that the register may have forgotten a lease, on the store's clock. */
  readonly doubtedAt: number | undefined;
  /** The largest token that it has seen in this election. */
  readonly largestToken: number;
}

/** How a cell came to be known. */
export interface Glimpse {
  /** When its answer or event was received, on the store's clock. */
  readonly now: number;
  /**
   * Whether changes may have been missed since the sighting before: because what reported them broke off; or because
   * the store took no part in the election meanwhile, or took part without a watch.
   */
  readonly gap: "interrupted" | "absent" | undefined;
  /** Whether the register reports every change, so that none can have been made long ago and not been seen. */
  readonly isWatched: boolean;
}

/**
 * The sighting that a cell makes. A record that has not changed keeps its date, because nothing was written in
 * between; after an interruption the register may have been set back to it, so that it is dated anew.
 */
function sight<C extends Cell>(
  before: Sighting<C> | undefined,
  cell: C,
  { now, gap, isWatched }: Glimpse,
): Sighting<C> {
  const tokenOf = ({ record }: Cell) => record?.token ?? 0;
  if (before === undefined) {
    const largestToken = tokenOf(cell);
    const isKnown = { isSequel: false, isFresh: false };
    return { cell, seenAt: now, ...isKnown, doubtedAt: undefined, largestToken };
  }
  if (gap === undefined && isSame(before.cell, cell)) return before;
  // After an interruption, any record may be one from the past, even that of a lease that this process held.
  const isDoubtful = isOlder(cell, before.cell) || gap === "interrupted";
  const isSequel = gap === undefined && !isDoubtful;
  return {
    cell,
    seenAt: now,
    isSequel,
    isFresh: isSequel && isWatched,
    doubtedAt: isDoubtful ? now : before.doubtedAt,
    largestToken: Math.max(before.largestToken, tokenOf(cell)),
  };
}

/** What a store knows of a record. */
export interface View<C extends Cell = Cell> {
  readonly sighting: Sighting<C> | undefined;
  /** What may have been missed since. */
  readonly gap: Glimpse["gap"];
}

/**
 * A cell has come, `now`, that the register was asked for at `sentAt`, or reported by itself. Answers may overtake
 * each other, and events come later than answers: an older one that may only be late counts for nothing.
 */
export function viewOf<C extends Cell>(
  { sighting: before, gap }: View<C>,
  cell: C,
  { now, sentAt, isWatched }: Omit<Glimpse, "gap"> & { readonly sentAt: number },
): View<C> & { readonly sighting: Sighting<C> } {
  const mayBeLate = before !== undefined && gap === undefined && sentAt < before.seenAt;
  if (mayBeLate && isOlder(cell, before.cell)) return { sighting: before, gap };
  return { sighting: sight(before, cell, { now, gap, isWatched }), gap: undefined };
}

/** Whether the register was set back from one to the other, or lost it. Nothing else makes a record older. */
function isOlder({ record }: Cell, { record: than }: Cell): boolean {
  if (than === undefined) return false;
  if (record === undefined) return true;
  return record.token === than.token ? record.seq < than.seq : record.token < than.token;
}

/** The version alone is not enough: a register that was set back may give it again, to another record. */
export function isSame(one: Cell, other: Cell): boolean {
  return one.version === other.version && isSameWrite(one.record, other.record);
}

/** Whether both come from one write. */
export function isSameWrite(
  one: ObservedRecord | undefined,
  other: ObservedRecord | undefined,
): boolean {
  return (
    one?.seq === other?.seq &&
    one?.nonce === other?.nonce &&
    one?.token === other?.token &&
    one?.at === other?.at
  );
}
