import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Every release is answered with success, and the lease stays. */
class SaysReleasedWithoutReleasing extends PlainStore {
  override decideRelease: PlainStore["decideRelease"] = () => ({ reply: { released: true } });
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "identity-is-the-nonce",
    "release-frees-the-lease",
    "stores-share-leases",
    "elections-are-independent",
    "one-winner-of-many",
    "handover-has-one-winner",
    "ended-lease-is-not-revived",
    "token-grows-after-release",
    "repeated-release-is-harmless",
    "release-may-overtake-acquire",
    "renewal-after-release-revives-nothing",
    "old-term-spares-its-successor",
    "unknown-attempt-has-nothing",
    "late-release-tells-the-truth",
    "abort-tells-the-truth",
    "aborted-acquire-can-be-cleaned-up",
    "read-shows-no-leader",
    "release-wakes-watchers",
    "new-leader-is-told",
    "hint-follows-the-change",
    "watching-outlives-a-close",
    "unwatching-is-final",
    "fuzz-loses-no-update",
    "readers-hinder-no-writer",
    "release-tells-the-truth",
  ],
  open: (place) => new SaysReleasedWithoutReleasing(place),
};
