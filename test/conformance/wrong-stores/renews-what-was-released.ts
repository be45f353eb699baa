import { release, renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A release keeps the nonce, and a renewal that comes after it brings the lease back. */
class RenewsWhatWasReleased extends PlainStore {
  override decideRelease: PlainStore["decideRelease"] = (lease, request, moment) => {
    const { write, ...decision } = release(lease, request, moment);
    const { nonce } = request;
    return write === undefined ? decision : { ...decision, write: { ...write, nonce } };
  };

  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) => {
    const wasReleased = lease?.nonce === request.nonce && lease.expiresAt < moment.now + 1;
    return wasReleased
      ? renew({ ...lease, expiresAt: moment.now + 1 }, request, moment)
      : renew(lease, request, moment);
  };
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "ended-lease-is-not-revived",
    "renewal-after-release-revives-nothing",
    "fuzz-loses-no-update",
  ],
  open: (place) => new RenewsWhatWasReleased(place),
};
