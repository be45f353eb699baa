import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Keys are listed as they stand in an address, with percent signs. */
class ListsKeysInCode extends PlainStore {
  override async keys() {
    return (await super.keys()).map(encodeURIComponent);
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["keys-are-listed"],
  open: (place) => new ListsKeysInCode(place),
};
