import type { Check } from "../diagnosis.ts";

/** What a store without a clock keeps of an election, for ever: the token must outlive every lease. */
export interface ObservedRecord {
  /** Whose lease it is; empty once it was released. */
  readonly nonce: string;
  /** Grows with every write, so that no write leaves the record, and with it the version, as it was. */
  readonly seq: number;
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly token: number;
  /** When the term began, by the date of the leader's machine, in ms since 1970. */
  readonly since: number;
  /** In ms. */
  readonly ttl: number;
  /** The date of the writer, in ms since 1970. It is shown to people, and decides nothing. */
  readonly at: number;
}

/** A record at one moment, and what the register compares when it is to be replaced. A register may add to it. */
export interface Cell {
  /**
   * Another one after every write. If it comes back after the register was set back, the register compares the record
   * as well. Absence has a version, too.
   */
  readonly version: string;
  /** Nothing if the register has no record of the election. */
  readonly record: ObservedRecord | undefined;
}

/** The record was replaced; or it was not, and this is the one that is there, if the register said so. */
export type Written<C extends Cell> =
  | { readonly written: true; readonly cell: C }
  | { readonly written: false; readonly cell: C | undefined };

/** How long a request is waited for. */
export interface Wait {
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal;
  readonly clock?: { now(): number };
  /** When its time is over, on `clock`. What is carried out later does no harm, but keeps others waiting for a ttl. */
  readonly notAfter?: number;
}

/** What a register reports of one election. */
export interface CellListener<C extends Cell = Cell> {
  /** The record as it is when the register begins to watch, or begins again; then each change, in order. */
  onCell(cell: C): void;
  /** From now on changes may be missed, until `onCell` is called again. */
  onInterrupted(): void;
}

/**
 * A place for records that can be replaced by compare-and-set, which must be linearizable. Reads may be stale: a
 * compare-and-set with what was read then fails.
 *
 * A request that fails rejects with a `StoreError`, whose `applied` is `"maybe"` unless it certainly had no effect.
 * The register repeats no write by itself.
 */
export interface Register<C extends Cell = Cell> {
  /** The record of the election, or its absence. */
  read(key: string, wait: Wait): Promise<C>;

  /** Replaces `seen`, a cell that this register gave, unless the record is another one by now. */
  compareAndSet(key: string, seen: C, record: ObservedRecord, wait: Wait): Promise<Written<C>>;

  /**
   * Reports the record and its changes until the returned function is called. Never throws, and connects again by
   * itself.
   *
   * Only those who watch notice that the register was set back to an earlier state and on to the version that they
   * know. So a connection that breaks is an interruption, also if it can be replaced at once.
   */
  watch?(key: string, listener: CellListener<C>): () => void;

  /** The keys of all elections. */
  keys?(wait: Wait): Promise<string[]>;

  /** What is looked at when the store is asked what is wrong with it. Nothing is written. */
  checks?(): readonly Check[];

  /** The store is no longer asked for this election, so nothing has to be remembered of it. It may be asked for again. */
  forget?(key: string): void;

  /** Lets go of connections. Requests that are under way fail; a later one opens them again. */
  close(): Promise<void>;
}
