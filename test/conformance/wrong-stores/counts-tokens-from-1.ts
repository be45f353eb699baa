import type { StoreTraits } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Declares that tokens come from a clock, and counts them. */
class CountsTokensFrom1 extends PlainStore {
  override readonly traits: StoreTraits = {
    ...{ name: "plain", exclusion: "strict", tokens: "clock" },
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["token-grows-after-lost-data"],
  capabilities: { tokens: "clock" },
  open: (place) => new CountsTokensFrom1(place),
};
