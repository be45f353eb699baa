import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A renewal of an attempt that has no lease is answered as if it had. */
class RenewsForAnyAttempt extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) => {
    const { write } = super.decideRenew(lease, request, moment);
    return { reply: { renewed: true }, ...(write && { write }) };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "identity-is-the-nonce",
    "ended-lease-is-not-revived",
    "renewal-after-release-revives-nothing",
    "old-term-spares-its-successor",
    "unknown-attempt-has-nothing",
    "new-leader-is-told",
    "fuzz-loses-no-update",
    "answers-have-their-shape",
  ],
  open: (place) => new RenewsForAnyAttempt(place),
};
