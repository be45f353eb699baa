import { onAbort } from "./either-signal.ts";

/** What ends a program: an orchestrator's request, and Ctrl-C. */
const signals = ["SIGTERM", "SIGINT"] as const;

/** Stops an elector; settles when it has stopped. */
type Stop = () => Promise<unknown>;

/**
 * Stops electors when the process gets a signal, and then lets the signal have the effect that it would have had
 * without us: if the program does not listen to it, it ends the process.
 */
class StopSignals {
  readonly #stops = new Set<Stop>();
  /** The electors are being stopped. */
  #isStopping = false;

  /** Calls `stop` at the first signal. Returns how to prevent it. */
  add(stop: Stop): () => void {
    if (this.#stops.size === 0 && !this.#isStopping) {
      // Before those of the program: one that listens once would be gone when we look who else listens.
      for (const signal of signals) process.prependListener(signal, this.#onSignal);
    }
    this.#stops.add(stop);
    return () => {
      if (this.#stops.delete(stop)) this.#unregister();
    };
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const isOurs = process.listenerCount(signal) === 1;
    // A second Ctrl-C: the user does not want to wait.
    if (this.#isStopping) {
      if (isOurs) this.#end(signal);
      return;
    }
    this.#isStopping = true;
    void Promise.allSettled([...this.#stops].map((stop) => stop())).then(() => {
      this.#isStopping = false;
      if (isOurs) this.#end(signal);
      else this.#unregister();
    });
  };

  #unregister(): void {
    if (this.#stops.size > 0 || this.#isStopping) return;
    for (const signal of signals) process.off(signal, this.#onSignal);
  }

  #end(signal: NodeJS.Signals): void {
    for (const each of signals) process.off(each, this.#onSignal);
    // As pid 1 of a container, it gets no signal that it does not listen to. The exit code is that of the signal.
    if (process.pid === 1) process.exit(signal === "SIGINT" ? 130 : 143);
    process.kill(process.pid, signal);
  }
}

/** Under this name, all copies of the package in a process find the same one: each would take the others' listener for the program's. */
const place = Symbol.for("incumbent.stop-signals");

/**
 * Calls `stop` when the signal is aborted and, if that is wanted, when the process gets SIGTERM or SIGINT. Returns how
 * to prevent that.
 */
export function stopOn(
  stop: Stop,
  signal: AbortSignal | undefined,
  onSignals: boolean,
): () => void {
  if (signal === undefined && !onSignals) return nothing;
  const ends: (() => void)[] = [];
  if (signal !== undefined) ends.push(onAbort(signal, () => void stop()));
  if (onSignals) ends.push(stopOnSignals(stop));
  return () => {
    for (const unregister of ends) unregister();
  };
}

/** One for all: a process may have thousands of electors. */
function nothing(): void {}

function stopOnSignals(stop: Stop): () => void {
  // Whatever is there was put there by this function of one of the copies.
  const shared = globalThis as { [place]?: Pick<StopSignals, "add"> };
  shared[place] ??= new StopSignals();
  return shared[place].add(stop);
}
