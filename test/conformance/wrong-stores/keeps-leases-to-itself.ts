import { Place, PlainStore, type WrongStore } from "../plain-store.ts";

/** Each process has leases of its own. */
export const wrongStore: WrongStore = {
  caughtBy: [
    "acquire-refuses-while-held",
    "stores-share-leases",
    "one-winner-of-many",
    "read-shows-the-holder",
    "renewal-updates-metadata",
    "keys-are-listed",
    "release-wakes-watchers",
    "new-leader-is-told",
    "hint-follows-the-change",
    "watching-outlives-a-close",
    "unwatching-is-final",
    "close-keeps-leases",
    "fuzz-loses-no-update",
    "handover-has-one-winner",
  ],
  open: () => new PlainStore(new Place()),
};
