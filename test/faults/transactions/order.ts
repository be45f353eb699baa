/** A row of an older term behind one of a newer term. */
export interface LateRow {
  /** From 0, in the order of commits. */
  readonly at: number;
  readonly token: number;
  /** The largest token before it. */
  readonly after: number;
}

/** The rows that a fence should have refused, given the tokens of all rows in the order in which they were committed. */
export function lateRows(tokens: readonly number[]): readonly LateRow[] {
  const late: LateRow[] = [];
  let after = 0;
  for (const [at, token] of tokens.entries()) {
    if (token < after) late.push({ at, token, after });
    after = Math.max(after, token);
  }
  return late;
}
