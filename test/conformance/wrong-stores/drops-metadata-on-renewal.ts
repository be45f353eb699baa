import type { RenewRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A renewal keeps the metadata that the term began with. */
class DropsMetadataOnRenewal extends PlainStore {
  override renew(request: RenewRequest) {
    return super.renew({ ...request, metadata: this.find(request.key)?.metadata });
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["renewal-updates-metadata", "new-leader-is-told"],
  open: (place) => new DropsMetadataOnRenewal(place),
};
