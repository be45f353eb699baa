import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Whoever has stopped watching is told all the same. */
class TellsThoseWhoLeft extends PlainStore {
  override unwatch = () => {};
}

export const wrongStore: WrongStore = {
  caughtBy: ["unwatching-is-final"],
  open: (place) => new TellsThoseWhoLeft(place),
};
