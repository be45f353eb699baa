import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A listener that has stopped watching still gets hints. */
class TellsThoseWhoLeft extends PlainStore {
  override unwatch = () => {};
}

export const wrongStore: WrongStore = {
  caughtBy: ["unwatching-is-final"],
  open: (place) => new TellsThoseWhoLeft(place),
};
