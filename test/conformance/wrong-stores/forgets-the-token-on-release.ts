import type { ReleaseRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A release removes the whole election, and the next token is the first again. */
class ForgetsTheTokenOnRelease extends PlainStore {
  override async release(request: ReleaseRequest) {
    const reply = await super.release(request);
    if (reply.released) this.place.leases.delete(request.key);
    return reply;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["token-grows-after-release", "keys-are-listed", "fuzz-loses-no-update"],
  open: (place) => new ForgetsTheTokenOnRelease(place),
};
