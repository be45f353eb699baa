import { acquire } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A live lease is granted again to the nodeId that has it. */
class OverwritesOwnLease extends PlainStore {
  override decideAcquire: PlainStore["decideAcquire"] = (lease, request, moment) => {
    const own = lease?.nodeId === request.nodeId ? { ...lease, nonce: "" } : lease;
    return acquire(own, request, moment);
  };
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "acquire-refuses-while-held",
    "identity-is-the-nonce",
    "one-winner-of-many",
    "handover-has-one-winner",
    "lease-lasts-its-ttl",
    "renewed-lease-lasts-its-ttl",
    "refusal-tells-when-to-return",
    "repeated-acquire-grants-once",
    "nonce-stays-secret",
    "close-keeps-leases",
    "fuzz-loses-no-update",
    "answers-have-their-shape",
    "close-ends-requests",
  ],
  open: (place) => new OverwritesOwnLease(place),
};
