import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { BrokenRule } from "./expectations.ts";
import type { StoreTime } from "./subject.ts";

/** The time for stores that give no `time` of their own. */
export const realTime: StoreTime = {
  now: () => performance.now(),
  pass: (ms) => sleep(Math.ceil(ms)),
};

/** Settles as `answer` does, or rejects with `message` after `patience` ms. */
export async function within<T>(patience: number, message: string, answer: Promise<T>): Promise<T> {
  const over = new AbortController();
  const limit = sleep(patience, undefined, { signal: over.signal }).then(() => {
    throw new BrokenRule(message);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    over.abort();
    limit.catch(() => {}); // The rejection of the aborted timer.
  }
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return setImmediate();
}
