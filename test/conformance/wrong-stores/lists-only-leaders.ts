import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An election without a leader is not listed. */
class ListsOnlyLeaders extends PlainStore {
  override async keys() {
    return [...this.place.leases].filter(([, { nonce }]) => nonce !== "").map(([key]) => key);
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["keys-are-listed"],
  open: (place) => new ListsOnlyLeaders(place),
};
