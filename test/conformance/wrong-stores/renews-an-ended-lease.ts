import { renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An expired lease is renewed if no other candidate has acquired it. */
class RenewsAnEndedLease extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) =>
    renew(lease && { ...lease, expiresAt: Number.POSITIVE_INFINITY }, request, moment);
}

export const wrongStore: WrongStore = {
  caughtBy: ["ended-lease-is-not-revived"],
  open: (place) => new RenewsAnEndedLease(place),
};
