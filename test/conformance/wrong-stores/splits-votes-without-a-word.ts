import type { WrongStore } from "../plain-store.ts";
import { VotingStore } from "../voting-store.ts";

/** Several servers vote, and it declares that it decides in one place. */
export const wrongStore: WrongStore = {
  caughtBy: ["one-winner-of-many"],
  open: (place) => new VotingStore(place),
};
