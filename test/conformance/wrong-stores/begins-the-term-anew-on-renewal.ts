import { renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Each renewal takes another token, and says that the term began with it. */
class BeginsTheTermAnewOnRenewal extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) => {
    const { reply, write } = renew(lease, request, moment);
    if (write === undefined) return { reply };
    return { reply, write: { ...write, token: write.token + 1, since: moment.now } };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["token-stays-through-renewals", "new-leader-is-told"],
  open: (place) => new BeginsTheTermAnewOnRenewal(place),
};
