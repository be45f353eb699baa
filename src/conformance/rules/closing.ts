import { isIncumbentError } from "../../errors.ts";
import { BrokenRule, expect } from "../expectations.ts";
import { turn } from "../real-time.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** What becomes of requests when their store is closed under them. */
export const closingRules: readonly Rule[] = [
  {
    id: "close-ends-requests",
    group: "lasting",
    title:
      "a request that is under way at a close is answered or fails, and the next one is carried out",
    async run(trial) {
      const unheard = await rejectionsDuring(async () => {
        for (const turns of [0, 1, 2]) await closeUnderRequests(trial, turns);
      });
      expect(unheard.length === 0, "a close must leave no unhandled rejection", unheard[0]);
    },
  },
];

/** Everything that an elector may have under way, and a close some turns of the event loop later. */
async function closeUnderRequests(trial: Trial, turns: number): Promise<void> {
  const store = await trial.open();
  const key = `${trial.key}-${turns}`;
  const holder = trial.attempt({ store, key });
  const { token } = await holder.win();
  const rival = trial.attempt({ store, key });
  const under: readonly (readonly [what: string, request: Promise<unknown>])[] = [
    ["a renewal", holder.renew(token)],
    ["an acquire", rival.acquire()],
    ["a look", trial.read(store, key)],
    ["a release", rival.release()],
  ];
  // Heard of, whenever they fail: what is looked for is a rejection inside the store.
  const ends = Promise.all(under.map(([what, request]) => expectEnd(what, request)));
  ends.catch(() => {});
  for (let turned = 0; turned < turns; turned += 1) await turn();
  await trial.close(store);
  await ends;
  const renewed = await holder.renew(token);
  expect(renewed.renewed, "after a close the holder's next request must be carried out", renewed);
}

/** Fails unless the request is answered, or fails as one of a store does. */
async function expectEnd(what: string, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (error instanceof BrokenRule) throw new BrokenRule(`at a close, ${error.message}`);
    const isOfStore = isIncumbentError(error) && "applied" in error;
    expect(isOfStore, `at a close, ${what} must be answered or fail with a StoreError`, error);
  }
}

/** The reasons of promises that were rejected meanwhile without being heard of. */
async function rejectionsDuring(run: () => Promise<void>): Promise<readonly unknown[]> {
  const reasons: unknown[] = [];
  const onRejection = (reason: unknown) => reasons.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    await run();
    // It is reported at the end of the turn in which it happened.
    await turn();
    await turn();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return reasons;
}
