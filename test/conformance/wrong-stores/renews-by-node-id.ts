import { renew } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Each attempt with the holder's nodeId renews its lease. */
class RenewsByNodeId extends PlainStore {
  override decideRenew: PlainStore["decideRenew"] = (lease, request, moment) => {
    const nonce = lease?.nodeId === request.nodeId ? lease.nonce : request.nonce;
    return renew(lease, { ...request, nonce }, moment);
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["identity-is-the-nonce", "old-term-spares-its-successor", "answers-have-their-shape"],
  open: (place) => new RenewsByNodeId(place),
};
