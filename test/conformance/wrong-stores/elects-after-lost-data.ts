import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Declares a guard against lost data, and has none. */
export const wrongStore: WrongStore = {
  caughtBy: ["lost-data-elects-no-leader"],
  capabilities: { guardsLostData: true },
  open: (place) => new PlainStore(place),
};
