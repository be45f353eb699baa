import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An aborted acquire is sent again with a nonce that the caller does not know. */
class GrantsUnderAnotherNonceAfterAbort extends PlainStore {
  override async acquire(request: AcquireRequest) {
    await Promise.resolve();
    if (!request.signal.aborted) return super.acquire(request);
    void super.acquire({ ...request, nonce: "unknown" });
    throw new StoreError("INCUMBENT_STORE_TIMEOUT", "aborted", { applied: "maybe" });
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["aborted-acquire-can-be-cleaned-up", "release-tells-the-truth"],
  open: (place) => new GrantsUnderAnotherNonceAfterAbort(place),
};
