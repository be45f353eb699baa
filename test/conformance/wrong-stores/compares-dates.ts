import { PlainStore, type WrongStore } from "../plain-store.ts";

const HOUR = 3_600_000;

/** A lease ends when the date of the process says so. */
class ComparesDates extends PlainStore {
  override readonly traits: PlainStore["traits"] = {
    ...{ name: "dates", exclusion: "strict", tokens: "memory", clock: "observer" },
  };
  ahead = 0;

  override find: PlainStore["find"] = (key) => {
    const lease = this.place.leases.get(key);
    return lease && { ...lease, expiresAt: lease.expiresAt - this.ahead };
  };

  override save: PlainStore["save"] = (key, lease) => {
    this.place.leases.set(key, { ...lease, expiresAt: lease.expiresAt + this.ahead });
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["dates-may-differ"],
  capabilities: { clock: "observer" },
  open: (place) => new ComparesDates(place),
  openAhead: (place) => Object.assign(new ComparesDates(place), { ahead: HOUR }),
};
