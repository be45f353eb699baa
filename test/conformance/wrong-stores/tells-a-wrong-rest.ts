import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A refusal reports the remaining time of the lease in seconds. */
class TellsAWrongRest extends PlainStore {
  override async acquire(request: AcquireRequest) {
    const reply = await super.acquire(request);
    if (reply.granted || reply.retryIn === undefined) return reply;
    return { ...reply, retryIn: reply.retryIn / 1000 };
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["refusal-tells-when-to-return"],
  open: (place) => new TellsAWrongRest(place),
};
