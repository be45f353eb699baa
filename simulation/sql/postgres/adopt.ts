import { type ElectionRow, newElection, type StampRow } from "../memory.ts";
import type { Carried, Transaction } from "../transaction.ts";
import type { Asked } from "./asked.ts";

/** The statement `adopt`: writes down that the server may have forgotten a lease of these elections. */
export function adopt(
  transaction: Transaction,
  requests: readonly Asked[],
): Carried<readonly never[]> {
  const { run, latest: seen } = transaction;
  const now = transaction.now();
  const stamp: StampRow = seen.stamp?.run === run ? seen.stamp : { run, since: now };
  const mended: [string, ElectionRow][] = [];
  const made: [string, ElectionRow][] = [];
  const fenced: [string, number][] = [];
  for (const asked of requests) {
    const { key, quarantine } = asked;
    const row = seen.elections.get(key);
    if (row === undefined) {
      const until = Math.min(stamp.since, now) + quarantine;
      made.push([key, newElection(run, until, until)]);
    } else if (transaction.lock("elections", key)) {
      mended.push([key, mend(transaction, stamp, row, quarantine)]);
    }
    if (!seen.fences.has(key)) fenced.push([key, row?.token ?? 0]);
  }
  transaction.write({ elections: [...mended, ...made], fences: fenced, stamp });
  return { answer: [], notices: [] };
}

/** It may have been as long as the one that is remembered. A time too far ahead is cut. */
function mend(
  { run, now: clock }: Transaction,
  { since }: StampRow,
  row: ElectionRow,
  quarantine: number,
): ElectionRow {
  const now = clock();
  const longest = Math.max(quarantine, row.ttl);
  const until = Math.min(since, now) + longest;
  const waits = row.run === run ? row.waits_until : Math.max(row.waits_until, until);
  const waits_until = Math.min(waits, now + longest);
  return {
    ...row,
    ...{ run, waits_until, floor: Math.max(row.floor, waits_until) },
    ends_at: Math.min(row.ends_at, now + row.ttl),
  };
}
