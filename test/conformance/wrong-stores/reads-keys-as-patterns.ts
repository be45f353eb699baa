import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A `%` in a key stands for anything, as in `WHERE key LIKE ?`. */
class ReadsKeysAsPatterns extends PlainStore {
  override find: PlainStore["find"] = (key) => {
    const [before = "", after] = key.split("%");
    if (after === undefined) return super.find(key);
    const isLike = (other: string) => other.startsWith(before) && other.endsWith(after);
    return super.find([...this.place.leases.keys()].find(isLike) ?? key);
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["elections-are-independent"],
  open: (place) => new ReadsKeysAsPatterns(place),
};
