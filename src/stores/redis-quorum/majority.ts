import type { LeaseRecord } from "../lease-store.ts";

/** The smallest majority of `servers`: any two majorities have a server in common. */
export function majorityOf(servers: number): number {
  return Math.floor(servers / 2) + 1;
}

/** What is known so far of what one server was asked. */
export type Answer<Reply> =
  | { readonly state: "said"; readonly reply: Reply }
  | { readonly state: "failed"; readonly error: Error }
  /** `behind`: it owes an older answer too, or failed when it was last asked. */
  | { readonly state: "silent"; readonly behind: boolean };

/** The replies of those who have said something. */
export function repliesOf<Reply>(answers: readonly Answer<Reply>[]): Reply[] {
  return answers.flatMap((answer) => (answer.state === "said" ? [answer.reply] : []));
}

/** How many have not answered yet. */
export function silentIn(answers: readonly Answer<unknown>[]): number {
  return answers.filter(({ state }) => state === "silent").length;
}

/** The smallest value that a majority reaches: of waits, the time when a majority can be free. */
export function reachedByMajority(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[majorityOf(sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
}

/** What the servers' records say of one leader. */
export interface Standing {
  readonly record: LeaseRecord;
  /** How many servers have a live lease of it. */
  readonly votes: number;
}

/**
 * The leader that most servers name, of `servers` in all. It leads where it has a majority, for as long
 * as it keeps one.
 */
export function foremost(
  records: readonly (LeaseRecord | undefined)[],
  servers: number,
): Standing | undefined {
  const groups = new Map<string, LeaseRecord[]>();
  for (const record of records) {
    if (record === undefined) continue;
    const name = `${record.token} ${record.nodeId}`;
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  const largest = [...groups.values()].sort((a, b) => b.length - a.length)[0];
  const first = largest?.[0];
  if (largest === undefined || first === undefined) return undefined;
  const ends = largest.map(({ expiresIn }) => expiresIn).sort((a, b) => b - a);
  // When the majority-th lease ends, no majority is left.
  const expiresIn = ends[majorityOf(servers) - 1] ?? ends[0] ?? 0;
  const since = Math.min(...largest.map((record) => record.since));
  return { record: { ...first, since, expiresIn }, votes: largest.length };
}
