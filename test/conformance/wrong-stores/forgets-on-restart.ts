import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Declares that leases survive a restart, and has them in memory alone. */
export const wrongStore: WrongStore = {
  caughtBy: ["lease-outlives-restart"],
  capabilities: { survivesRestart: true },
  open: (place) => new PlainStore(place),
  restart: (place) => place.leases.clear(),
};
