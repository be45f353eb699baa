import type { Carried, Statement, Transaction } from "../transaction.ts";
import { acquire } from "./acquire.ts";
import { adopt } from "./adopt.ts";
import type { Asked, Reply } from "./asked.ts";
import { read } from "./read.ts";
import { release } from "./release.ts";
import { renew } from "./renew.ts";

/** The statements that decide. */
export type Name = "acquire" | "renew" | "release" | "read" | "adopt";

/** What PostgreSQL does with a statement of the store, begun with the values that it is given. */
export function decide(
  name: Name,
  [requests = "[]", known = ""]: readonly string[],
): (transaction: Transaction) => Statement<readonly Reply[]> {
  const asked: readonly Asked[] = JSON.parse(requests);
  switch (name) {
    case "acquire":
      return (transaction) => acquire(transaction, asked, known);
    case "renew":
      return (transaction) => renew(transaction, asked, known);
    case "release":
      return (transaction) => release(transaction, asked);
    case "read":
      return (transaction) => inOneStep(() => read(transaction, asked));
    case "adopt":
      return (transaction) => inOneStep(() => adopt(transaction, asked));
  }
}

function* inOneStep<Answer>(run: () => Carried<Answer>): Statement<Answer> {
  yield "pause";
  return run();
}
