import type { AcquireRequest, ReleaseRequest } from "../../../src/stores/lease-store.ts";
import { type Place, PlainStore, type WrongStore } from "../plain-store.ts";

/** How many attempts find the lease free, for each place in which one is being released. */
const finders = new WeakMap<Place, number>();

/** While a lease is being released it is free for two: one finds it so, and one is handed it. */
class HasTwoWinnersAtAHandOver extends PlainStore {
  override async release(request: ReleaseRequest) {
    const reply = await super.release(request);
    if (reply.released) finders.set(this.place, 2);
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    finders.delete(this.place);
    return reply;
  }

  override async acquire(request: AcquireRequest) {
    await Promise.resolve();
    const left = finders.get(this.place) ?? 0;
    const lease = this.find(request.key);
    if (left > 0 && lease !== undefined) {
      finders.set(this.place, left - 1);
      this.save(request.key, { ...lease, nonce: "" });
    }
    return super.acquire(request);
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["handover-has-one-winner"],
  open: (place) => new HasTwoWinnersAtAHandOver(place),
};
