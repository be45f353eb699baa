/**
 * Callbacks to run when a signal is aborted. They share one listener on each signal: from the 11th on, Node.js
 * warns of a leak. The signal may live as long as the process, so a callback must be able to unregister:
 * what `AbortSignal.any` makes is kept as long as its source.
 */
const followers = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `react` once when the signal is aborted. Returns how to prevent that. */
export function onAbort(signal: AbortSignal, react: () => void): () => void {
  const reactions = followers.get(signal) ?? follow(signal);
  const own = () => react(); // So that following twice counts twice.
  reactions.add(own);
  return () => void reactions.delete(own);
}

function follow(signal: AbortSignal): Set<() => void> {
  const reactions = new Set<() => void>();
  followers.set(signal, reactions);
  const abort = () => {
    for (const react of [...reactions]) react();
    reactions.clear();
  };
  signal.addEventListener("abort", abort, { once: true });
  return reactions;
}

/** A signal of one's own that is aborted with the first of some others, until it is disposed. */
export interface EitherSignal {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** Follows all of `signals` that are given. */
export function eitherOf(...signals: readonly (AbortSignal | undefined)[]): EitherSignal {
  const controller = new AbortController();
  const unfollow: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    if (signal.aborted) controller.abort(signal.reason);
    else unfollow.push(onAbort(signal, () => controller.abort(signal.reason)));
  }
  return {
    signal: controller.signal,
    dispose: () => {
      for (const each of unfollow) each();
    },
  };
}
