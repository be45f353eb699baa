import type { Granted } from "../attempt.ts";
import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** Tokens always grow. */
export const tokenRules: readonly Rule[] = [
  {
    id: "token-grows-after-release",
    group: "token",
    title: "each term has a larger token than the released term before it",
    async run(trial) {
      let last = 0;
      for (let term = 0; term < 5; term += 1) {
        const holder = trial.attempt();
        const { token } = await holder.win();
        expect(token > last, `a token must be larger than ${last}`, token);
        last = token;
        await holder.release();
      }
    },
  },
  {
    id: "token-grows-after-expiry",
    group: "token",
    title: "a term has a larger token than an earlier term whose lease expired",
    async run(trial) {
      const first = await trial.attempt({ ttl: trial.shortTtl }).win();
      await trial.outlast(trial.shortTtl);
      const { token } = await trial.attempt().win();
      expect(token > first.token, `a token must be larger than ${first.token}`, token);
    },
  },
  {
    id: "token-exceeds-above",
    group: "token",
    title: "a token is larger than the largest one that the candidate has seen",
    async run(trial) {
      // Above the clock in µs until 2242, and still a safe integer.
      const above = 2 ** 53 - 1000;
      const { token } = await trial.attempt().win({ above });
      const exceeds = token > above && Number.isSafeInteger(token);
      expect(exceeds, `a token must be a whole number larger than ${above}`, token);
    },
  },
  {
    id: "token-stays-through-renewals",
    group: "token",
    title: "a renewal changes neither the token nor the start of the term",
    async run(trial) {
      const holder = trial.attempt();
      const { token, since } = await holder.win();
      await trial.pass(5);
      for (let renewal = 0; renewal < 3; renewal += 1) await holder.renew(token);
      const shown = await trial.expectHolder("after renewals");
      expect(shown.token === token, `the token must stay ${token}`, shown.token);
      expect(shown.since === since, `since must stay ${since}`, shown.since);
    },
  },
  {
    id: "token-grows-after-lost-data",
    group: "token",
    title: "tokens grow even after the data was lost",
    needs: "tokensByClock",
    async run(trial) {
      const before = await trial.attempt({ ttl: trial.shortTtl }).win();
      // Tokens from a clock only differ if the clock has ticked in between.
      await trial.pass(10);
      await trial.loseData();
      const { token } = await winInTime(trial);
      expect(token > before.token, `a token must be larger than ${before.token}`, token);
    },
  },
];

/** Wins the next term, even if the store first waits until an earlier lease must have ended. */
async function winInTime(trial: Trial): Promise<Granted> {
  const ttl = trial.shortTtl;
  const giveUpAt = trial.time.now() + trial.patience + 5 * ttl;
  for (;;) {
    const reply = await trial.attempt({ ttl }).acquire();
    if (reply.granted) return reply;
    expect(
      trial.time.now() < giveUpAt,
      "after a loss of data the store must grant a lease again",
      reply,
    );
    await trial.pass(Math.max(1, reply.retryIn ?? ttl / 4));
  }
}
