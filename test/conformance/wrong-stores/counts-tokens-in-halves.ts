import { acquire } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** Tokens grow, but by halves: rounded to whole numbers, two of them are the same. */
class CountsTokensInHalves extends PlainStore {
  override decideAcquire: PlainStore["decideAcquire"] = (lease, request, moment) => {
    const { reply, write, ...rest } = acquire(lease, request, moment);
    if (!reply.granted || write === undefined) return { ...rest, reply };
    const token = reply.token - 0.5;
    return { ...rest, reply: { ...reply, token }, write: { ...write, token } };
  };
}

export const wrongStore: WrongStore = {
  caughtBy: ["acquire-grants-a-free-lease", "token-exceeds-above", "answers-have-their-shape"],
  open: (place) => new CountsTokensInHalves(place),
};
