import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";

/** What stays when stores are closed, servers restarted and data lost. */
export const lastingRules: readonly Rule[] = [
  {
    id: "traits-are-as-declared",
    group: "lasting",
    title: "the traits and methods of the store are those that were declared",
    async run(trial) {
      const { traits, watch, keys } = trial.store;
      const { declared } = trial;
      expect(typeof traits.name === "string" && traits.name !== "", "traits.name must be a name");
      const exclusion = `traits.exclusion must be "${declared.exclusion}"`;
      expect(traits.exclusion === declared.exclusion, exclusion, traits.exclusion);
      const tokens = `traits.tokens must be "${declared.tokens}"`;
      expect(traits.tokens === declared.tokens, tokens, traits.tokens);
      const has = (what: boolean) => (what ? "must be there" : "must not be there: declare it");
      const { wakeUp } = declared;
      expect((watch !== undefined) === wakeUp, `watch() ${has(wakeUp)}`);
      expect((keys !== undefined) === declared.keys, `keys() ${has(declared.keys)}`);
    },
  },
  {
    id: "close-keeps-leases",
    group: "lasting",
    title: "to close one store ends no lease, also none that was won through it",
    async run(trial) {
      const closing = await trial.open();
      const holder = trial.attempt({ store: closing });
      const { token } = await holder.win();
      await closing.close();
      const shown = await trial.expectHolder("after its store was closed");
      expect(shown.token === token, `token ${token} must still lead`, shown);
      await trial.attempt().lose("an attempt on a lease whose store was closed");
    },
  },
  {
    id: "close-may-be-repeated",
    group: "lasting",
    title: "a store may be closed unused, and twice, and is opened again by the next request",
    async run(trial) {
      const store = await trial.open();
      await store.close();
      await store.close();
      const holder = trial.attempt({ store });
      const { token } = await holder.win();
      await store.close();
      const renewed = await holder.renew(token);
      expect(renewed.renewed, "a store must be opened again by a request", renewed);
    },
  },
  {
    id: "lease-outlives-restart",
    group: "lasting",
    title: "after a restart a live lease is still refused to others, and its holder goes on",
    needs: "survivesRestart",
    async run(trial) {
      const before = trial.attempt();
      const { token } = await before.win();
      await trial.restart();
      await trial.attempt().lose("an attempt on a lease from before a restart");
      const holder = trial.attempt({ nonce: before.fields.nonce });
      const renewed = await holder.renew(token);
      expect(renewed.renewed, "the holder must be renewed after a restart", renewed);
      const shown = await trial.expectHolder("after a restart");
      expect(shown.token === token, `token ${token} must still lead`, shown);
    },
  },
  {
    id: "lost-data-elects-nobody",
    group: "lasting",
    title: "after the data was lost, nobody is elected while an earlier lease may be believed",
    needs: "guardsLostData",
    async run(trial) {
      await trial.attempt().win();
      await trial.loseData();
      const reply = await trial.attempt().lose("an attempt on a lease that was forgotten");
      const { retryIn } = reply;
      expect(retryIn === undefined || retryIn > 0, "the wait must lie ahead", retryIn);
    },
  },
];
