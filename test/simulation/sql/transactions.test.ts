import { expect, test } from "vitest";
import { emptyMemory } from "../../../simulation/sql/memory.ts";
import type { Statement, Transaction } from "../../../simulation/sql/transaction.ts";
import { Transactions } from "../../../simulation/sql/transactions.ts";

/** Locks the row, and is carried out at once if it is free. */
function* answering(name: string, transaction: Transaction): Statement<string> {
  while (!transaction.lock("elections", "job")) yield "lock";
  yield "pause";
  return { answer: name, notices: [] };
}

test("statements are reported in the order in which they are committed", () => {
  const later: (() => void)[] = [];
  const stalls = [1];
  const transactions = new Transactions(emptyMemory, {
    ...{ run: "1", now: () => 0, time: () => 0, stall: () => stalls.shift() ?? 0 },
    later: (ms, go) => {
      if (ms === 0) go();
      else later.push(go);
    },
  });
  const reported: string[] = [];
  const carryOut = (name: string) =>
    transactions.carryOut((transaction) => answering(name, transaction), {
      committed: ({ answer }) => reported.push(answer),
      gaveUp: () => reported.push(`${name} gave up`),
    });

  // The first stands still, and so the second waits for its row.
  carryOut("acquire");
  carryOut("release");
  expect(reported).toEqual([]);
  later.shift()?.();

  expect(reported).toEqual(["acquire", "release"]);
});
