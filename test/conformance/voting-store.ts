import { late } from "../../src/stores/lease-rules.ts";
import type { AcquireReply, AcquireRequest } from "../../src/stores/lease-store.ts";
import { PlainStore } from "./plain-store.ts";

const split: AcquireReply = { granted: false, reason: "held", leader: undefined, retryIn: 5 };

/**
 * Refuses all that ask for a free lease in one moment, as servers whose votes are split, and decides when they ask
 * again.
 */
export class VotingStore extends PlainStore {
  override async acquire(request: AcquireRequest): Promise<AcquireReply> {
    if (this.isLate(request)) return late.acquire;
    const { key, nonce, clock } = request;
    const { polls } = this.place;
    const poll = polls.get(key) ?? new Set();
    polls.set(key, poll.add(nonce));
    await Promise.resolve();
    if (polls.get(key) === poll) this.#close(key, poll.size);
    const isFree = this.show(this.find(key), clock.now()) === undefined;
    if (isFree && this.isSplit(key, poll.size)) return split;
    return super.acquire(request);
  }

  /** Whether so many that ask together are all refused. */
  isSplit(key: string, candidates: number): boolean {
    return candidates > 1 && this.place.split.has(key);
  }

  /** Each second poll of many decides. */
  #close(key: string, candidates: number): void {
    const { polls, split: keys } = this.place;
    polls.delete(key);
    if (candidates > 1 && !keys.delete(key)) keys.add(key);
  }
}
