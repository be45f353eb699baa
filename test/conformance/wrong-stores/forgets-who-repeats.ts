import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A request that arrives twice is refused like one of another attempt. */
class ForgetsWhoRepeats extends PlainStore {
  override decideAcquire: PlainStore["decideAcquire"] = (...of) => {
    const { reply, ...decision } = super.decideAcquire(...of);
    return { ...decision, reply: reply.granted ? reply : { ...reply, applied: "no" } };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["repeated-acquire-grants-once"],
  open: (place) => new ForgetsWhoRepeats(place),
};
