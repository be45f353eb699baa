import type { Notice, Statement, Transaction } from "../transaction.ts";
import type { Asked, Reply } from "./asked.ts";

/** The statement `release`. A row that another transaction has may be about to get this lease. */
export function* release(
  transaction: Transaction,
  requests: readonly Asked[],
): Statement<readonly Reply[]> {
  const seen = requests.map((asked) => ({
    asked,
    isThere: transaction.seen.elections.has(asked.key),
  }));
  yield "pause";
  const locked = seen.filter(
    ({ asked, isThere }) => isThere && transaction.lock("elections", asked.key),
  );
  const { latest } = transaction;
  const done = new Set<string>();
  for (const { asked } of locked) {
    const row = latest.elections.get(asked.key);
    if (row?.nonce !== asked.nonce || transaction.now() >= row.ends_at) continue;
    done.add(asked.key);
    transaction.write({ elections: [[asked.key, { ...row, nonce: "", ends_at: 0 }]] });
  }
  yield "pause";
  const isLocked = new Set(locked.map(({ asked }) => asked.key));
  const answer = seen.map(({ asked: { key }, isThere }) => {
    const status = done.has(key) ? "released" : isThere && !isLocked.has(key) ? "raced" : "none";
    return { key, status };
  });
  return { answer, notices: [...done].map((key): Notice => ({ key, hint: "released" })) };
}
