import { late } from "../../../src/stores/lease-rules.ts";
import type { RenewRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A late renewal is answered as such, prolongs nothing, and leaves its metadata behind. */
class KeepsTheMetadataOfLateRenewals extends PlainStore {
  override async renew(request: RenewRequest) {
    const lease = this.find(request.key);
    if (!this.isLate(request) || lease === undefined) return super.renew(request);
    this.save(request.key, { ...lease, metadata: request.metadata });
    return late.renew;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["late-renewal-has-no-effect"],
  open: (place) => new KeepsTheMetadataOfLateRenewals(place),
};
