import { type Place, PlainStore, type WrongStore } from "../plain-store.ts";

const held = new WeakSet<Place>();

/** After its data was lost, the store grants no lease, and has candidates retry at once. */
class SendsBackAtOnceAfterLostData extends PlainStore {
  override save: PlainStore["save"] = (key, lease) => {
    held.add(this.place);
    super.save(key, lease);
  };

  override decideAcquire: PlainStore["decideAcquire"] = (lease, request, moment) => {
    const isLost = held.has(this.place) && this.place.leases.size === 0;
    if (!isLost) return super.decideAcquire(lease, request, moment);
    const reason = "quarantine";
    return { reply: { granted: false, reason, leader: undefined, retryIn: 0 } };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["lost-data-elects-no-leader"],
  capabilities: { guardsLostData: true },
  open: (place) => new SendsBackAtOnceAfterLostData(place),
};
