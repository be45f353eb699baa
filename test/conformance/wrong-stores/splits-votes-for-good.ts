import type { WrongStore } from "../plain-store.ts";
import { VotingStore } from "../voting-store.ts";

/** Keeps the votes of those that failed, so that no candidate can be elected any more. */
class SplitsForGood extends VotingStore {
  override isSplit(key: string, candidates: number): boolean {
    if (candidates > 1) this.place.stuck.add(key);
    return this.place.stuck.has(key);
  }
}

export const wrongStore: WrongStore = {
  capabilities: { splitVotes: true },
  caughtBy: ["one-winner-of-many", "handover-has-one-winner", "fuzz-loses-no-update"],
  open: (place) => new SplitsForGood(place),
};
