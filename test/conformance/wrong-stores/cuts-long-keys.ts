import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Two keys that have their first 255 characters in common are one election. */
class CutsLongKeys extends PlainStore {
  override find: PlainStore["find"] = (key) => super.find(key.slice(0, 255));
  override save: PlainStore["save"] = (key, lease) => super.save(key.slice(0, 255), lease);
}

export const wrongStore: WrongStore = {
  caughtBy: ["elections-are-independent"],
  open: (place) => new CutsLongKeys(place),
};
