import { PlainStore, type WrongStore } from "../plain-store.ts";

/** White space at the ends of metadata is lost, as in a column of fixed width. */
class TrimsTexts extends PlainStore {
  override save: PlainStore["save"] = (key, lease) =>
    super.save(key, { ...lease, metadata: lease.metadata?.trim() });
}

export const wrongStore: WrongStore = {
  caughtBy: ["texts-are-kept"],
  open: (place) => new TrimsTexts(place),
};
