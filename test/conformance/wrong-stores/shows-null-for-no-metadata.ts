import { PlainStore, type WrongStore } from "../plain-store.ts";

/** What is shown went through JSON, and came out with `null` where there is no metadata. */
class ShowsNullForNoMetadata extends PlainStore {
  override show: PlainStore["show"] = (lease, now) => {
    const shown = super.show(lease, now);
    return shown && JSON.parse(JSON.stringify({ ...shown, metadata: shown.metadata ?? null }));
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["answers-have-their-shape"],
  open: (place) => new ShowsNullForNoMetadata(place),
};
