import type { AcquireReply, AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { WrongStore } from "../plain-store.ts";
import { VotingStore } from "../voting-store.ts";

/** Counts the vote that a candidate has taken back. */
class ElectsTwo extends VotingStore {
  override async acquire(request: AcquireRequest): Promise<AcquireReply> {
    const reply = await super.acquire(request);
    if (reply.granted || reply.leader !== undefined || reply.reason !== "held") return reply;
    return { granted: true, token: 1, since: 0 };
  }
}

export const wrongStore: WrongStore = {
  capabilities: { splitVotes: true },
  caughtBy: ["one-winner-of-many", "handover-has-one-winner", "fuzz-loses-no-update"],
  open: (place) => new ElectsTwo(place),
};
