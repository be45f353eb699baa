import { digestOf, scripts, scriptsSince7 } from "../src/stores/redis/redis-scripts.ts";

/**
 * Resolves when no promise of the run can settle any more. Node.js begins its next tick, asked for from
 * within a promise's reaction, only when the queue of reactions is empty; so nothing has to be counted, and
 * it costs a third of a turn of the event loop.
 */
export function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** One turn of the real event loop: then Node.js has reported every rejection that nobody handles. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

let prepared: Promise<unknown> | undefined;

/** Digests are reckoned in another thread the first time: done before a run, or it would not be repeatable. */
export async function prepare(): Promise<void> {
  const texts = [...Object.values(scripts), ...Object.values(scriptsSince7)];
  prepared ??= Promise.all(texts.map(digestOf));
  await prepared;
}
