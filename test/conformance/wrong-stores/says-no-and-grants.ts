import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An acquire that is aborted was surely not applied, says the store, and it was. */
class SaysNoAndGrants extends PlainStore {
  override async acquire(request: AcquireRequest) {
    const reply = await super.acquire(request);
    if (!request.signal.aborted) return reply;
    throw new StoreError("INCUMBENT_STORE_TIMEOUT", "aborted", { applied: "no" });
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["abort-tells-the-truth"],
  open: (place) => new SaysNoAndGrants(place),
};
