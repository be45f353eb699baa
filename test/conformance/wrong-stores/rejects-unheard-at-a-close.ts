import { StoreError } from "../../../src/errors.ts";
import type { StoreRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A read under way at a close rejects a second promise, which has no handler. */
class RejectsUnheardAtAClose extends PlainStore {
  #reading = 0;

  override async read(request: StoreRequest) {
    this.#reading += 1;
    await Promise.resolve();
    this.#reading -= 1;
    return super.read(request);
  }

  override async close() {
    const error = new StoreError("INCUMBENT_STORE_UNAVAILABLE", "closed", { applied: "no" });
    if (this.#reading > 0) void Promise.reject(error);
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["close-ends-requests"],
  open: (place) => new RejectsUnheardAtAClose(place),
};
