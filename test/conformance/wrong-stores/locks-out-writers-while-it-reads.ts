import { StoreError } from "../../../src/errors.ts";
import type { RenewRequest, StoreRequest } from "../../../src/stores/lease-store.ts";
import { type Place, PlainStore, type WrongStore } from "../plain-store.ts";

const reading = new WeakMap<Place, number>();

/** A look takes a lock, and a renewal that meets it fails. */
class LocksOutWritersWhileItReads extends PlainStore {
  override async read(request: StoreRequest) {
    reading.set(this.place, (reading.get(this.place) ?? 0) + 1);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    reading.set(this.place, (reading.get(this.place) ?? 0) - 1);
    return super.read(request);
  }

  override async renew(request: RenewRequest) {
    await Promise.resolve();
    if ((reading.get(this.place) ?? 0) === 0) return super.renew(request);
    throw new StoreError("INCUMBENT_STORE_UNAVAILABLE", "database is locked", { applied: "no" });
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["readers-hinder-no-writer"],
  open: (place) => new LocksOutWritersWhileItReads(place),
};
