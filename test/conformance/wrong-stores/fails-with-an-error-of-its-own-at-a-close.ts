import type { RenewRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A renewal that is under way at a close ends in whatever the driver throws. */
class FailsWithAnErrorOfItsOwnAtAClose extends PlainStore {
  #closes = 0;

  override async renew(request: RenewRequest) {
    const before = this.#closes;
    await Promise.resolve();
    if (this.#closes !== before) throw new TypeError("Cannot read properties of undefined");
    return super.renew(request);
  }

  override async close() {
    this.#closes += 1;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["close-ends-requests"],
  open: (place) => new FailsWithAnErrorOfItsOwnAtAClose(place),
};
