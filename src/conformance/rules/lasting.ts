import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";

/** What remains after a store is closed, a server restarted or data lost. */
export const lastingRules: readonly Rule[] = [
  {
    id: "traits-are-as-declared",
    group: "lasting",
    title: "the traits and methods of the store match the declared capabilities",
    async run(trial) {
      const { traits, watch, keys } = trial.store;
      const { declared } = trial;
      expect(
        typeof traits.name === "string" && traits.name !== "",
        "traits.name must be a string that is not empty",
      );
      const exclusion = `traits.exclusion must be "${declared.exclusion}"`;
      expect(traits.exclusion === declared.exclusion, exclusion, traits.exclusion);
      const tokens = `traits.tokens must be "${declared.tokens}"`;
      expect(traits.tokens === declared.tokens, tokens, traits.tokens);
      const clock = `traits.clock must be "${declared.clock}"`;
      expect((traits.clock ?? "server") === declared.clock, clock, traits.clock);
      const { granularity = 1 } = traits;
      const atMost = `traits.granularity must be at most ${declared.granularity}`;
      expect(granularity <= declared.granularity, atMost, granularity);
      const has = (what: boolean) =>
        what ? "must exist, as declared" : "must not exist unless it is declared";
      const { wakeUp } = declared;
      expect((watch !== undefined) === wakeUp, `watch() ${has(wakeUp)}`);
      expect((keys !== undefined) === declared.keys, `keys() ${has(declared.keys)}`);
    },
  },
  {
    id: "close-keeps-leases",
    group: "lasting",
    title: "closing a store ends no lease, not even one that was acquired through it",
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
    title:
      "a store can be closed before it is used, and twice, and the next request opens it again",
    async run(trial) {
      const store = await trial.open();
      await store.close();
      await store.close();
      const holder = trial.attempt({ store });
      const { token } = await holder.win();
      await store.close();
      const renewed = await holder.renew(token);
      expect(renewed.renewed, "a request must open a closed store again", renewed);
    },
  },
  {
    id: "lease-outlives-restart",
    group: "lasting",
    title: "after a restart a live lease is still refused to others, and its holder can renew it",
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
    id: "lost-data-elects-no-leader",
    group: "lasting",
    title:
      "after its data was lost, the store grants no lease while an earlier leader may rely on its own",
    needs: "guardsLostData",
    async run(trial) {
      await trial.attempt().win();
      await trial.loseData();
      const reply = await trial.attempt().lose("an attempt after the data was lost");
      const { retryIn } = reply;
      expect(retryIn === undefined || retryIn > 0, "retryIn must be above 0", retryIn);
    },
  },
];
