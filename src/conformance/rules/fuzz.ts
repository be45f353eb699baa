import { isIncumbentError } from "../../errors.ts";
import type { Attempt } from "../attempt.ts";
import { BrokenRule, expect } from "../expectations.ts";
import { randomFrom } from "../random.ts";
import type { Rule } from "../rule.ts";
import { marginOf, type Trial } from "../trial.ts";

const WORKERS = 8;
const TERMS = 40;
/** The longest duration in ms. If leases last long, there are fewer terms. */
const LENGTH = 2000;

/** Random requests of many workers, and a counter that is wrong if two lead at the same time. */
export const fuzzRules: readonly Rule[] = [
  {
    id: "fuzz-loses-no-update",
    group: "fuzz",
    title:
      "eight workers that increment a counter while they lead lose no update, even if requests arrive twice or late",
    needs: "strict",
    async run(trial) {
      const stores = [trial.store, await trial.open()];
      const ward = new Ward(trial);
      const random = randomFrom(trial.seed);
      const work = async (index: number) => {
        const store = stores[index % stores.length] ?? trial.store;
        try {
          while (ward.goesOn()) {
            const fields = { store, ttl: trial.shortTtl, nodeId: `worker ${index}` };
            await ward.campaign(trial.attempt(fields), random);
          }
        } finally {
          // If one worker fails, the others must end before the stores are closed.
          ward.stop();
        }
      };
      const workers = Array.from({ length: WORKERS }, (_, index) => work(index));
      await Promise.allSettled(workers);
      try {
        await Promise.all(workers);
        expect(ward.terms > 1, "there must be more than one term", ward.terms);
      } catch (error) {
        if (error instanceof BrokenRule) error.message += ` (seed ${trial.seed})`;
        throw error;
      }
    },
  },
];

/** What the workers share: the counter, and the largest token of any grant. */
class Ward {
  terms = 0;
  readonly #trial: Trial;
  readonly #endsAt: number;
  #count = 0;
  #token = 0;
  #stopped = false;

  constructor(trial: Trial) {
    this.#trial = trial;
    this.#endsAt = trial.time.now() + LENGTH + 4 * trial.shortTtl;
  }

  goesOn(): boolean {
    return !this.#stopped && this.terms < TERMS && this.#trial.time.now() < this.#endsAt;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Requests the lease. If it is granted, leads, and then leaves in one of several ways. */
  async campaign(attempt: Attempt, random: () => number): Promise<void> {
    const { time } = this.#trial;
    const largest = this.#token;
    const sentAt = time.now();
    const twice = random() < 0.2;
    const asked = twice ? [attempt.acquire(), attempt.acquire()] : [attempt.acquire()];
    const replies = await Promise.all(asked.map(orFailed));
    const granted = replies.flatMap((reply) => (reply?.granted === true ? [reply] : []));
    const { ttl } = attempt.fields;
    const trustedUntil = sentAt + ttl - marginOf(ttl);
    // Two grants are only permitted if the first may have expired before the second.
    const isGrantedOnce = granted.length < 2 || time.now() >= trustedUntil;
    expect(isGrantedOnce, "an acquire that arrives twice must be granted once", replies);
    const [won] = granted;
    if (won === undefined) {
      // The request may have been granted despite the failure, so the lease is released.
      if (replies.includes(undefined)) await orFailed(attempt.release());
      await this.#trial.pass(1 + 20 * random());
      return;
    }
    this.terms += 1;
    expect(won.token > largest, `a token must be larger than ${largest}`, won.token);
    this.#token = Math.max(this.#token, won.token);
    await this.#lead(attempt, won.token, trustedUntil, random);
    await this.#leave(attempt, won.token, random);
  }

  async #lead(
    attempt: Attempt,
    token: number,
    trustedUntil: number,
    random: () => number,
  ): Promise<void> {
    const { ttl } = attempt.fields;
    const { time } = this.#trial;
    let until = trustedUntil;
    for (let left = 1 + Math.floor(3 * random()); left > 0; left -= 1) {
      const read = this.#count;
      const begun = time.now();
      await this.#trial.pass(5 * random());
      // Like the user of an elector, a worker only writes while it is sure to lead.
      if (begun >= until || time.now() >= until) return;
      expect(
        this.#count === read,
        "no other leader may change the counter meanwhile",
        this.#count - read,
      );
      this.#count = read + 1;
      if (random() < 0.5) continue;
      const sentAt = time.now();
      const reply = await orFailed(attempt.renew(token));
      if (reply?.renewed !== true) return;
      until = sentAt + ttl - marginOf(ttl);
    }
  }

  async #leave(attempt: Attempt, token: number, random: () => number): Promise<void> {
    // One in ten leaves without a release, so its lease has to expire.
    if (random() < 0.1) return;
    const reply = await orFailed(attempt.release());
    if (random() < 0.3) await orFailed(attempt.release());
    if (random() > 0.3 || reply === undefined) return;
    const renewal = await orFailed(attempt.renew(token));
    expect(renewal?.renewed !== true, "a renewal after the release must be refused");
  }
}

/** Resolves with the reply, or with `undefined` if the request failed: a worker carries on, like an elector. */
async function orFailed<Reply>(reply: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isIncumbentError(error) && "applied" in error) return undefined;
    throw error;
  }
}
