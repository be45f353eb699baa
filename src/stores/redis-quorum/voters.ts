import type { AcquireRequest } from "../lease-store.ts";

/** One time that all servers were asked for their vote. Late votes join it too. */
export interface Round {
  /** On the candidate's clock, in ms, before the first request left. */
  readonly sentAt: number;
  readonly ttl: number;
  /** The servers that voted, by number. */
  readonly votes: Set<number>;
}

/** A round that begins now. */
export function roundOf({ clock, ttl }: Pick<AcquireRequest, "clock" | "ttl">): Round {
  return { sentAt: clock.now(), ttl, votes: new Set() };
}

const NO_VOTES: ReadonlySet<number> = new Set();

/**
 * Which servers gave the votes on which the trust in a term rests.
 *
 * A server in quarantine may have forgotten a vote for another candidate, which still counts it. Only where it
 * had voted for this very term, and that lease had not ended when it forgot, can there be no such vote:
 * so of the servers in quarantine these alone count when the term is renewed.
 */
export class Voters {
  readonly #rounds = new Map<string, Round>();

  /** Of the term that was won under this nonce. */
  of(nonce: string): ReadonlySet<number> {
    return this.#rounds.get(nonce)?.votes ?? NO_VOTES;
  }

  /** A majority has voted in this round. An answer that was overtaken by a later round's says nothing new. */
  won(nonce: string, round: Round): void {
    for (const [term, { sentAt, ttl }] of this.#rounds) {
      if (sentAt + ttl <= round.sentAt) this.#rounds.delete(term);
    }
    const last = this.#rounds.get(nonce);
    if (last === undefined || last.sentAt <= round.sentAt) this.#rounds.set(nonce, round);
  }

  forget(nonce: string): void {
    this.#rounds.delete(nonce);
  }
}
