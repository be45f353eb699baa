import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A look shows the last holder, whether its lease is over or not. */
class ShowsDeadLeases extends PlainStore {
  override show: PlainStore["show"] = (lease, now) =>
    lease && { ...lease, expiresIn: Math.max(0, lease.expiresAt - now) };
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "release-frees-the-lease",
    "stores-share-leases",
    "ended-lease-is-not-revived",
    "renewal-after-release-revives-nothing",
    "unknown-attempt-has-nothing",
    "read-shows-no-leader",
    "read-shows-no-ended-lease",
    "nonce-stays-secret",
    "release-tells-the-truth",
  ],
  open: (place) => new ShowsDeadLeases(place),
};
