import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Two keys that differ in case alone are one election. */
class TakesKeysForTheSame extends PlainStore {
  override find: PlainStore["find"] = (key) => super.find(key.toLowerCase());
  override save: PlainStore["save"] = (key, lease) => super.save(key.toLowerCase(), lease);
}

export const wrongStore: WrongStore = {
  caughtBy: ["elections-are-independent"],
  open: (place) => new TakesKeysForTheSame(place),
};
