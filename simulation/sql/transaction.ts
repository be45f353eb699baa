import type { Changes, Memory } from "./memory.ts";

/** The tables whose rows a transaction may lock. */
export type Table = "elections" | "fences";

/** What a statement reads, locks and writes while it is carried out. */
export interface Transaction {
  /** Who the server is. */
  readonly run: string;
  /** What was committed when the statement began. */
  readonly seen: Memory;
  /** What is committed now, with what this transaction has written. */
  readonly latest: Memory;
  /** The clock of the server at this moment, in µs. */
  now(): number;
  /** Locks a row until the transaction ends. Returns false if another transaction has it. */
  lock(table: Table, key: string): boolean;
  write(changes: Changes): void;
}

/** A notification that is sent when the transaction is committed. */
export interface Notice {
  readonly key: string;
  readonly hint: "released" | "changed";
}

/** What has come of a statement. */
export interface Carried<Answer> {
  readonly answer: Answer;
  readonly notices: readonly Notice[];
}

/**
 * A statement while it is carried out. Where it yields, others may be carried out before it goes on; on `"lock"`, if
 * another transaction has a row that it needs, until that has ended.
 */
export type Statement<Answer> = Generator<"lock" | "pause", Carried<Answer>, void>;
