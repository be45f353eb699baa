import type { StoreTraits } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Declares less to electors than to the tests. */
class HasOtherTraits extends PlainStore {
  override readonly traits: StoreTraits = {
    ...{ name: "plain", exclusion: "advisory", tokens: "memory" },
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["traits-are-as-declared"],
  open: (place) => new HasOtherTraits(place),
};
