import type { Timer } from "../connections/timer.ts";
import type { Hint } from "../lease-store.ts";

/** How long to wait between two looks, in ms: a tenth of the shortest lease, within these limits. */
const LONGEST_INTERVAL = 250;
const SHORTEST_INTERVAL = 20;

/** How long to wait for the answer to a look, in ms. */
const PATIENCE = 2000;

/** What one look shows of an election. */
export interface PolledElection {
  /** Whether its lease was released. */
  readonly isFree: boolean;
  /** Another text whenever there is another leader, or other metadata. */
  readonly state: string;
}

/** Looks at these elections, until the signal is aborted. Those that are not there are left out. */
export type Look = (
  keys: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, PolledElection>>;

interface Listener {
  readonly onHint: (hint: Hint) => void;
}

/** Looks at all elections that are watched, in one query, on a server that has no notifications. */
export class SqlPolls {
  readonly #look: Look;
  readonly #timer: Timer;
  /** By key: with thousands of elections, a look must not search all listeners for each. */
  readonly #listeners = new Map<string, Set<Listener>>();
  /** What was last seen of each key. */
  readonly #seen = new Map<string, PolledElection>();
  #interval = LONGEST_INTERVAL;
  #isOpen = true;
  #isLooking = false;
  /** Ends the wait for the next look. */
  #cancel: (() => void) | undefined;

  constructor(look: Look, timer: Timer) {
    this.#look = look;
    this.#timer = timer;
  }

  /** Calls `onHint` after each change until the returned function is called. */
  add(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { onHint };
    const listeners = this.#listeners.get(key) ?? new Set<Listener>();
    this.#listeners.set(key, listeners.add(listener));
    this.#schedule();
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(key);
      this.#seen.delete(key);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** The lease was released, as the store knows without a look: it did so itself, or has been rung for. */
  released(key: string): void {
    this.#notify(key, "released");
  }

  /** A request has come, for a lease of this length if there is one, in ms. */
  resume(ttl = Number.POSITIVE_INFINITY): void {
    this.#isOpen = true;
    this.#interval = Math.max(SHORTEST_INTERVAL, Math.min(this.#interval, ttl / 10));
    this.#schedule();
  }

  /** Stops looking until the next request. */
  close(): void {
    this.#isOpen = false;
    this.#stop();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const isWanted = this.#isOpen && this.#listeners.size > 0;
    if (!isWanted || this.#isLooking || this.#cancel !== undefined) return;
    this.#cancel = this.#timer(this.#interval, () => {
      this.#cancel = undefined;
      void this.#lookOnce();
    });
  }

  async #lookOnce(): Promise<void> {
    this.#isLooking = true;
    const keys = [...this.#listeners.keys()];
    const over = new AbortController();
    const cancel = this.#timer(PATIENCE, () => over.abort());
    try {
      const elections = await this.#look(keys, over.signal);
      for (const key of keys) {
        // A hint may have ended the watch of another one.
        if (this.#listeners.has(key)) this.#compare(key, elections.get(key) ?? absent);
      }
    } catch {
      // A request reports the failure, and the next look compares with what was seen before it.
    }
    cancel();
    this.#isLooking = false;
    this.#schedule();
  }

  #compare(key: string, election: PolledElection): void {
    const before = this.#seen.get(key);
    if (before?.isFree === election.isFree && before.state === election.state) return;
    this.#seen.set(key, election);
    // At the first look: it may have been released since the candidate was refused.
    if (election.isFree) this.#notify(key, "released");
    else if (before !== undefined) this.#notify(key, "changed");
  }

  #notify(key: string, hint: Hint): void {
    const listeners = this.#listeners.get(key) ?? new Set<Listener>();
    for (const listener of [...listeners]) if (listeners.has(listener)) listener.onHint(hint);
  }
}

const absent: PolledElection = { isFree: true, state: "" };
