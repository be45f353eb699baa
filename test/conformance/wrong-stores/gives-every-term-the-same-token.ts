import { acquire } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Every term has token 1. */
class GivesEveryTermTheSameToken extends PlainStore {
  override decideAcquire: PlainStore["decideAcquire"] = (lease, request, moment) => {
    const { reply, write, ...rest } = acquire(lease, request, moment);
    return reply.granted && write !== undefined
      ? { ...rest, reply: { ...reply, token: 1 }, write: { ...write, token: 1 } }
      : { ...rest, reply };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "token-grows-after-release",
    "token-grows-after-expiry",
    "token-exceeds-above",
    "fuzz-loses-no-update",
  ],
  open: (place) => new GivesEveryTermTheSameToken(place),
};
