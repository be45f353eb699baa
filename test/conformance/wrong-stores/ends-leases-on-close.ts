import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A store that is closed gives back what was won through it, as a session would. */
class EndsLeasesOnClose extends PlainStore {
  readonly #won = new Set<string>();

  override save: PlainStore["save"] = (key, lease) => {
    this.#won.add(key);
    super.save(key, lease);
  };

  override async close() {
    for (const key of this.#won) this.place.leases.delete(key);
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["close-keeps-leases", "close-may-be-repeated", "close-ends-requests"],
  open: (place) => new EndsLeasesOnClose(place),
};
