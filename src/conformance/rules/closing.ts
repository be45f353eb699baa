import { isIncumbentError } from "../../errors.ts";
import { BrokenRule, expect } from "../expectations.ts";
import { turn } from "../real-time.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** Requests that are under way when their store is closed. */
export const closingRules: readonly Rule[] = [
  {
    id: "close-ends-requests",
    group: "lasting",
    title:
      "a request under way when the store is closed succeeds or fails, and the next request works",
    async run(trial) {
      const unheard = await rejectionsDuring(async () => {
        for (const turns of [0, 1, 2]) await closeUnderRequests(trial, turns);
      });
      expect(unheard.length === 0, "close must cause no unhandled rejection", unheard[0]);
    },
  },
];

/** Sends every request that an elector may have under way, and closes the store some turns later. */
async function closeUnderRequests(trial: Trial, turns: number): Promise<void> {
  const store = await trial.open();
  const key = `${trial.key}-${turns}`;
  const holder = trial.attempt({ store, key });
  const { token } = await holder.win();
  const rival = trial.attempt({ store, key });
  const under: readonly (readonly [what: string, request: Promise<unknown>])[] = [
    ["a renewal", holder.renew(token)],
    ["an acquire", rival.acquire()],
    ["a read", trial.read(store, key)],
    ["a release", rival.release()],
  ];
  // These rejections are handled: the rule is about rejections inside the store.
  const ends = Promise.all(under.map(([what, request]) => expectEnd(what, request)));
  ends.catch(() => {});
  for (let turned = 0; turned < turns; turned += 1) await turn();
  await trial.close(store);
  await ends;
  const renewed = await holder.renew(token);
  expect(renewed.renewed, "after close, the next request of the holder must work", renewed);
}

/** Fails unless the request succeeds or rejects with a StoreError. */
async function expectEnd(what: string, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (error instanceof BrokenRule) throw new BrokenRule(`during close, ${error.message}`);
    const isOfStore = isIncumbentError(error) && "applied" in error;
    expect(isOfStore, `during close, ${what} must succeed or fail with a StoreError`, error);
  }
}

/** Returns the reasons of all unhandled rejections while `run` is running. */
async function rejectionsDuring(run: () => Promise<void>): Promise<readonly unknown[]> {
  const reasons: unknown[] = [];
  const onRejection = (reason: unknown) => reasons.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    await run();
    // Node.js reports a rejection at the end of the turn in which it happened.
    await turn();
    await turn();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return reasons;
}
