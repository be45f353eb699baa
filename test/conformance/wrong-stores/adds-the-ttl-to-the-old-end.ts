import { renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A renewal counts from the end of the lease, and not from now. */
class AddsTheTtlToTheOldEnd extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) => {
    const { write, ...decision } = renew(lease, request, moment);
    if (write === undefined || lease === undefined) return decision;
    return { ...decision, write: { ...write, expiresAt: lease.expiresAt + request.ttl } };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: [],
  open: (place) => new AddsTheTtlToTheOldEnd(place),
};
