import { decide } from "../../../simulation/sql/postgres/decide.ts";
import { Transactions } from "../../../simulation/sql/transactions.ts";
import type { Case, Result } from "./cases.ts";

/** What the simulated database does. Time passes where a statement stands still. */
export function play(each: Case): Result {
  let now = each.now;
  const transactions = new Transactions(each.memory, {
    run: each.run,
    now: () => now,
    time: () => 0,
    stall: () => 0,
    later: (_, go) => {
      now = each.later;
      go();
    },
  });
  for (const [table, key] of each.locked) transactions.lockRow(table, key);
  let found: Result | undefined;
  // A look and an adoption read the clock once.
  const isDecided = each.name !== "read" && each.name !== "adopt";
  const values = each.values;
  const begin = decide(each.name, values);
  transactions.carryOut(
    (transaction) =>
      begin(isDecided ? transaction : { ...transaction, now: () => each.now, latest: each.memory }),
    {
      committed: ({ answer, notices }) => {
        found = { replies: answer, memory: transactions.memory, notices };
      },
      gaveUp: () => {},
    },
  );
  if (found === undefined) throw new Error("the statement did not end");
  return found;
}
