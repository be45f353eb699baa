import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** An acquire that is under way at a close is never answered. */
class NeverAnswersAfterAClose extends PlainStore {
  #closes = 0;

  override async acquire(request: AcquireRequest) {
    const before = this.#closes;
    await Promise.resolve();
    return this.#closes === before ? super.acquire(request) : new Promise<never>(() => {});
  }

  override async close() {
    this.#closes += 1;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["close-ends-requests"],
  open: (place) => new NeverAnswersAfterAClose(place),
};
