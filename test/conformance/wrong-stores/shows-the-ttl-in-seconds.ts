import { PlainStore, type WrongStore } from "../plain-store.ts";

/** It keeps seconds in one column and shows them as the ttl, which is in ms. */
class ShowsTheTtlInSeconds extends PlainStore {
  override show: PlainStore["show"] = (lease, now) => {
    const shown = super.show(lease, now);
    return lease && shown && { ...shown, ttl: lease.ttl / 1000 };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["read-shows-the-holder"],
  open: (place) => new ShowsTheTtlInSeconds(place),
};
