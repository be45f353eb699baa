import { acquire, late } from "../../../src/stores/lease-rules.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Looks whether the lease is free, and takes it a moment later: GET, then SET. */
class ReadsBeforeItWrites extends PlainStore {
  override async acquire(request: AcquireRequest) {
    if (this.isLate(request)) return late.acquire;
    const lease = this.find(request.key);
    await Promise.resolve();
    const { reply, write, hint } = acquire(lease, request, { now: request.clock.now(), wall: 0 });
    if (write !== undefined) this.save(request.key, write);
    if (hint !== undefined) this.place.notify(request.key, hint);
    return reply;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["one-winner-of-many", "fuzz-loses-no-update", "handover-has-one-winner"],
  open: (place) => new ReadsBeforeItWrites(place),
};
