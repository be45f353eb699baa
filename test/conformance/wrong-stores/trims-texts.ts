import { PlainStore, type WrongStore } from "../plain-store.ts";

/** What is kept of a nodeId ends at its first NUL, as in C. */
class TrimsTexts extends PlainStore {
  override save: PlainStore["save"] = (key, lease) =>
    super.save(key, { ...lease, nodeId: lease.nodeId.split("\0")[0] ?? "" });
}

export const wrongStore: WrongStore = {
  caughtBy: ["texts-are-kept"],
  open: (place) => new TrimsTexts(place),
};
