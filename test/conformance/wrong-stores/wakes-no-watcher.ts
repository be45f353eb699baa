import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Declares a push wake-up, and no hint ever comes. */
class WakesNoWatcher extends PlainStore {
  override watch = () => () => {};
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "release-wakes-watchers",
    "new-leader-is-told",
    "hint-follows-the-change",
    "watching-outlives-a-close",
    "unwatching-is-final",
  ],
  open: (place) => new WakesNoWatcher(place),
};
