import { renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A lease that has run out is renewed if nobody took it meanwhile. */
class RenewsAnEndedLease extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) =>
    renew(lease && { ...lease, expiresAt: Number.POSITIVE_INFINITY }, request, moment);
}

export const wrongStore: WrongStore = {
  caughtBy: ["ended-lease-is-not-revived"],
  open: (place) => new RenewsAnEndedLease(place),
};
