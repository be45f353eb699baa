import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A request whose signal is already aborted was surely not sent, says the store, and it was. */
class TakesWhatWasAbortedBefore extends PlainStore {
  override async acquire(request: AcquireRequest) {
    const wasAborted = request.signal.aborted;
    const reply = await super.acquire(request);
    if (!wasAborted) return reply;
    throw new StoreError("INCUMBENT_STORE_TIMEOUT", "aborted", { applied: "no" });
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["abort-tells-the-truth"],
  open: (place) => new TakesWhatWasAbortedBefore(place),
};
