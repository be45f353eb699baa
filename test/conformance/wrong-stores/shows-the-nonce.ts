import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A look gives away what is stored, with the nonce. */
class ShowsTheNonce extends PlainStore {
  override show: PlainStore["show"] = (lease, now) => {
    const shown = super.show(lease, now);
    return lease && shown && { ...lease, ...shown };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["nonce-stays-secret"],
  open: (place) => new ShowsTheNonce(place),
};
