import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An acquire that was aborted before it was sent is answered as granted, and nothing was written. */
class SaysGrantedAfterAnAbort extends PlainStore {
  override async acquire(request: AcquireRequest) {
    if (!request.signal.aborted) return super.acquire(request);
    return { granted: true, token: 1, since: 0 } as const;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["abort-tells-the-truth"],
  open: (place) => new SaysGrantedAfterAnAbort(place),
};
