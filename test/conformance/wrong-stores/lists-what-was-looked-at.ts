import type { StoreRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A look at an election that is not there makes it. */
class ListsWhatWasLookedAt extends PlainStore {
  readonly #looked = new Set<string>();

  override read(request: StoreRequest) {
    this.#looked.add(request.key);
    return super.read(request);
  }

  override async keys() {
    return [...new Set([...(await super.keys()), ...this.#looked])];
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["looking-leaves-nothing"],
  open: (place) => new ListsWhatWasLookedAt(place),
};
