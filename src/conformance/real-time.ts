import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { BrokenRule } from "./expectations.ts";
import type { StoreTime } from "./subject.ts";

/** The time of a store that has no other. */
export const realTime: StoreTime = {
  now: () => performance.now(),
  pass: (ms) => sleep(Math.ceil(ms)),
};

/** The outcome of `answer`, or a failure with `message` when it takes longer than `patience` ms. */
export async function within<T>(patience: number, message: string, answer: Promise<T>): Promise<T> {
  const over = new AbortController();
  const limit = sleep(patience, undefined, { signal: over.signal }).then(() => {
    throw new BrokenRule(message);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    over.abort();
    limit.catch(() => {}); // Aborted, and nobody waits for it any longer.
  }
}

/** Until the event loop has gone round once. */
export function turn(): Promise<void> {
  return setImmediate();
}
