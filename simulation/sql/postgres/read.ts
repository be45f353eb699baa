import type { Carried, Transaction } from "../transaction.ts";
import { type Asked, holderOf, type Reply } from "./asked.ts";

/** The statement `read`. A lease never has more than its ttl ahead of it: the clock was set back. */
export function read(
  { latest, now: clock }: Transaction,
  requests: readonly Asked[],
): Carried<readonly Reply[]> {
  const now = clock();
  const answer = requests.map(({ key }) => {
    const row = latest.elections.get(key);
    const endsAt = row === undefined ? 0 : Math.min(row.ends_at, now + row.ttl);
    return { key, status: "leader", holder: holderOf(row, now, endsAt) };
  });
  return { answer, notices: [] };
}
