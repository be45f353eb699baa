import type { Hint, LeaseStore } from "../../stores/lease-store.ts";
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
class CandidateQueue {
  /** A list, as nearly all queues have one member: a set would be the largest part of an elector. */
  #followers: readonly Follower[] = [];
  readonly #unwatch: () => void;
  /** Whose turn it is, until there is a leader or the others ask. */
  #first: Follower | undefined;
  /** What is armed on the clock of each. */
  #cancels: Map<Follower, () => void> | undefined;

  constructor(store: LeaseStore, key: string) {
    this.#unwatch = checkedWatch(store, key, (hint) => this.#onHint(hint));
  }

  get isEmpty(): boolean {
    return this.#followers.length === 0;
  }

  add(follower: Follower): void {
    // Unlike a spread, concat leaves no room for others.
    this.#followers = this.#followers.concat(follower);
  }

  remove(follower: Follower): void {
    this.#followers = this.#followers.filter((other) => other !== follower);
    this.#cancels?.get(follower)?.();
    this.#cancels?.delete(follower);
    if (this.isEmpty) this.#unwatch();
    // It has left instead of taking its turn.
    else if (this.#first === follower) this.#endTurn();
  }

  #onHint(hint: Hint): void {
    this.#cancelAll();
    if (hint !== "released") return;
    for (const follower of this.#followers) follower.sawRelease();
    // Those that have asked already ask once more if they were refused by the lease that is free now.
    for (const follower of this.#followers) if (!follower.isWaiting) follower.hint();
    // Not before: a hint may end a term, and its callback may stop the first.
    const first = this.#followers.find(({ isWaiting }) => isWaiting);
    if (first === undefined) return;
    // Another's turn comes before it is its own again.
    this.#followers = this.#followers.filter((other) => other !== first).concat(first);
    if (this.#followers.length > 1) {
      this.#first = first;
      this.#arm(first, GRACE, () => this.#endTurn());
    }
    first.hint();
  }

  /** The others ask, unless the first has shown that there is a leader. */
  #endTurn(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first?.hasLeader === true) return;
    for (const follower of this.#followers) {
      if (follower === first || !follower.isWaiting) continue;
      this.#arm(follower, SPREAD * follower.jitter(), () => follower.hint());
    }
  }

  #arm(follower: Follower, delay: number, fire: () => void): void {
    const cancel = follower.timer(delay, () => {
      this.#cancels?.delete(follower);
      fire();
    });
    this.#cancels ??= new Map();
    this.#cancels.set(follower, cancel);
  }

  #cancelAll(): void {
    this.#first = undefined;
    for (const cancel of this.#cancels?.values() ?? []) cancel();
    this.#cancels = undefined;
  }
}

/** By what the store shares with others, and by the key. */
const lines = new WeakMap<object, Map<string, CandidateQueue>>();

/** Has the elector follow the hints of its store. Returns how to end it. */
export function joinQueue(store: LeaseStore, key: string, follower: Follower): () => void {
  const place = store.shared ?? store;
  const ofStore = lines.get(place) ?? new Map<string, CandidateQueue>();
  lines.set(place, ofStore);
  const line = ofStore.get(key) ?? new CandidateQueue(store, key);
  ofStore.set(key, line);
  line.add(follower);
  return () => {
    line.remove(follower);
    if (line.isEmpty && ofStore.get(key) === line) ofStore.delete(key);
  };
}
