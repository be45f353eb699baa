import type { Hint, LeaseStore } from "../stores/lease-store.ts";
import { checkedWatch } from "./checked-store.ts";

/** An elector that follows the hints of its store. */
export interface Follower {
  /** Whether a hint would have it ask for the lease at once. */
  readonly isWaiting: boolean;
  /** Whether it leads, or knows of a leader. */
  readonly hasLeader: boolean;
  /** The lease may be free, but it is another's turn to ask. */
  sawRelease(): void;
  /** The lease may be free. */
  hint(): void;
  /** Calls `fire` in `delay` ms; the returned function prevents it. */
  timer(delay: number, fire: () => void): () => void;
  /** A random number from 0 to 1. */
  jitter(): number;
}

/** How long the first of the line has the lease to itself, in ms. Usually it has it after two round trips. */
const GRACE = 50;

/** Over how many ms the others spread if it does not take it. */
const SPREAD = 100;

/**
 * The candidates for one key that this process has in one store, in the order in which they began to wait. When the
 * leader gives the lease back, only the first asks for it: if a thousand do, the server refuses 999, which takes it
 * 22 ms (measured). Hints may be lost, late or wrong, so the others ask too if there is no leader soon.
 */
class WaitingLine {
  readonly #followers = new Set<Follower>();
  readonly #unwatch: () => void;
  #cancelGrace: () => void = () => {};

  constructor(store: LeaseStore, key: string) {
    this.#unwatch = checkedWatch(store, key, (hint) => this.#onHint(hint));
  }

  get isEmpty(): boolean {
    return this.#followers.size === 0;
  }

  add(follower: Follower): void {
    this.#followers.add(follower);
  }

  remove(follower: Follower): void {
    this.#followers.delete(follower);
    if (!this.isEmpty) return;
    this.#cancelGrace();
    this.#unwatch();
  }

  #onHint(hint: Hint): void {
    this.#cancelGrace();
    if (hint !== "released") return;
    const all = [...this.#followers];
    for (const follower of all) follower.sawRelease();
    const first = all.find(({ isWaiting }) => isWaiting);
    // Those that have asked already ask once more if they were refused by the lease that is free now.
    for (const follower of all) if (!follower.isWaiting) follower.hint();
    if (first === undefined) return;
    this.#moveBack(first);
    const waiting = all.filter((follower) => follower !== first && follower.isWaiting);
    if (waiting.length > 0) {
      this.#cancelGrace = first.timer(GRACE, () => {
        if (!first.hasLeader) this.#hintAll(waiting);
      });
    }
    first.hint();
  }

  /** Another's turn comes before it is its own again. */
  #moveBack(follower: Follower): void {
    this.#followers.delete(follower);
    this.#followers.add(follower);
  }

  #hintAll(waiting: readonly Follower[]): void {
    const cancels = waiting.map((follower) =>
      follower.timer(SPREAD * follower.jitter(), () => {
        if (this.#followers.has(follower)) follower.hint();
      }),
    );
    this.#cancelGrace = () => {
      for (const cancel of cancels) cancel();
    };
  }
}

/** By what the store shares with others, and by the key. */
const lines = new WeakMap<object, Map<string, WaitingLine>>();

/** Has the elector follow the hints of its store. Returns how to end it. */
export function joinLine(store: LeaseStore, key: string, follower: Follower): () => void {
  const place = store.shared ?? store;
  const ofStore = lines.get(place) ?? new Map<string, WaitingLine>();
  lines.set(place, ofStore);
  const line = ofStore.get(key) ?? new WaitingLine(store, key);
  ofStore.set(key, line);
  line.add(follower);
  return () => {
    line.remove(follower);
    if (line.isEmpty && ofStore.get(key) === line) ofStore.delete(key);
  };
}
