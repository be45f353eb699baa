import type { Hint } from "../stores/lease-store.ts";
import { eitherOf } from "./either-signal.ts";
import type { LeaderInfo } from "./terms/term.ts";
import { WakeSignal } from "./wake-signal.ts";

/** What an observer needs. Durations in ms. */
export interface Observation {
  /** The leader now; rejects when the store cannot be asked, which has then been reported. */
  read(): Promise<LeaderInfo | undefined>;
  watch(onHint: (hint: Hint) => void): () => void;
  timer(delay: number, fire: () => void): () => void;
  /** The longest time without a look, since hints may be lost. */
  readonly longest: number;
  /** From a failed look to the next. */
  readonly retryDelay: number;
  readonly signal: AbortSignal;
}

/**
 * Observes until one of `signals` is aborted. It follows them from the first look on: a generator that is never
 * iterated keeps nothing.
 */
export async function* observeUntil(
  signals: readonly (AbortSignal | undefined)[],
  observationUntil: (either: AbortSignal) => Observation,
): AsyncGenerator<LeaderInfo | undefined, void, undefined> {
  const either = eitherOf(...signals);
  try {
    yield* observe(observationUntil(either.signal));
  } finally {
    either.dispose();
  }
}

/** Yields the leader at first and on every change, until the signal is aborted. */
export async function* observe(
  observation: Observation,
): AsyncGenerator<LeaderInfo | undefined, void, undefined> {
  const { signal } = observation;
  const wakeSignal = new WakeSignal();
  let unwatch = observation.watch(() => wakeSignal.give());
  let cancel = () => {};
  const dispose = () => {
    cancel();
    unwatch();
    cancel = unwatch = () => {};
  };
  const onAbort = () => {
    // Not only when the consumer comes back for the next: it may take its time, or never come.
    dispose();
    wakeSignal.give();
  };
  signal.addEventListener("abort", onAbort);
  let reported: LeaderInfo | undefined;
  let first = true;
  try {
    while (!signal.aborted) {
      // Before the look: a hint that comes during it asks for another.
      wakeSignal.reset();
      const looked = await look(observation);
      if (signal.aborted) return;
      // Armed before the yield: the consumer may take its time, the lease does not wait.
      cancel = observation.timer(untilNextLook(observation, looked), () => wakeSignal.give());
      if (looked.ok && (first || differs(reported, looked.leader))) {
        first = false;
        reported = looked.leader;
        yield reported;
      }
      await wakeSignal.given();
      cancel();
    }
  } finally {
    dispose();
    signal.removeEventListener("abort", onAbort);
  }
}

type Look = { readonly ok: true; readonly leader: LeaderInfo | undefined } | { readonly ok: false };

async function look(observation: Observation): Promise<Look> {
  try {
    return { ok: true, leader: await observation.read() };
  } catch {
    return { ok: false };
  }
}

function untilNextLook(observation: Observation, looked: Look): number {
  if (!looked.ok) return observation.retryDelay;
  // A lease that is not renewed ends without a hint: one look just after its end.
  return Math.min(observation.longest, (looked.leader?.expiresIn ?? Number.POSITIVE_INFINITY) + 1);
}

function differs(a: LeaderInfo | undefined, b: LeaderInfo | undefined): boolean {
  return a?.token !== b?.token || a?.nodeId !== b?.nodeId || a?.metadata !== b?.metadata;
}
