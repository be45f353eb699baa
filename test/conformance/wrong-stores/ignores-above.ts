import { acquire } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A token may be smaller than what the candidate has seen. */
class IgnoresAbove extends PlainStore {
  override decideAcquire: PlainStore["decideAcquire"] = (lease, request, moment) =>
    acquire(lease, { ...request, above: 0 }, moment);
}

export const wrongStore: WrongStore = {
  caughtBy: ["token-exceeds-above"],
  open: (place) => new IgnoresAbove(place),
};
