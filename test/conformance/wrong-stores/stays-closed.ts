import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A store that answers no request once it was closed. */
class StaysClosed extends PlainStore {
  #closed = false;

  override acquire(request: AcquireRequest) {
    return this.#closed ? Promise.reject(new Error("closed")) : super.acquire(request);
  }

  override async close() {
    this.#closed = true;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["close-may-be-repeated"],
  open: (place) => new StaysClosed(place),
};
