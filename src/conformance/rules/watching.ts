import type { LeaseStore } from "../../stores/lease-store.ts";
import type { Ear } from "../ear.ts";
import { BrokenRule, expect } from "../expectations.ts";
import { within } from "../real-time.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** Hints, for a store that declares a push wake-up. */
export const watchingRules: readonly Rule[] = [
  {
    id: "release-wakes-watchers",
    group: "watching",
    title: "a release is heard of by whoever watches the key through another store",
    needs: "wakeUp",
    async run(trial) {
      const ear = await awake(trial);
      const holder = trial.attempt();
      await holder.win();
      await ear.hears("released", () => holder.release());
      ear.unwatch();
    },
  },
  {
    id: "new-leader-is-told",
    group: "watching",
    title: "a new leader, and one with other metadata, is heard of as a change",
    needs: "wakeUp",
    async run(trial) {
      const ear = await awake(trial);
      const holder = trial.attempt({ metadata: "before" });
      let token = 0;
      await ear.hears("changed", async () => {
        ({ token } = await holder.win());
      });
      await ear.hears("changed", () => holder.renew(token, { metadata: "after" }));
      ear.unwatch();
    },
  },
  {
    id: "hint-follows-the-change",
    group: "watching",
    title: "whoever is woken by a release and asks at once gets the lease",
    needs: "wakeUp",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const store = await trial.open();
      let unwatch = () => {};
      const won = new Promise<void>((resolve, reject) => {
        unwatch = trial.watch(store, (hint) => {
          if (hint !== "released") return;
          const asked = trial.attempt({ store }).acquire();
          asked.then(({ granted }) => granted && resolve(), reject);
        });
      });
      await holder.release();
      const message = `a candidate that hints wake must win within ${trial.patience} ms`;
      await within(trial.patience, message, won);
      unwatch();
    },
  },
  {
    id: "watching-outlives-a-close",
    group: "watching",
    title: "a watcher hears again when its store is used again after a close",
    needs: "wakeUp",
    async run(trial) {
      const store = await trial.open();
      const ear = await awake(trial, store);
      await trial.close(store);
      await trial.read(store, trial.key);
      ear.forget();
      await hearsAgain(trial, ear);
      ear.unwatch();
    },
  },
  {
    id: "unwatching-is-final",
    group: "watching",
    title: "whoever has stopped watching hears nothing more, and the others still do",
    needs: "wakeUp",
    async run(trial) {
      const ear = await awake(trial);
      const deaf = trial.listen(trial.store);
      deaf.unwatch();
      deaf.unwatch();
      const holder = trial.attempt();
      await holder.win();
      await ear.hears("released", () => holder.release());
      expect(deaf.heard.length === 0, "whoever does not watch must hear nothing", deaf.heard);
      ear.unwatch();
    },
  },
];

/** A listener that hears: a subscription takes its time, and what happens meanwhile may go unheard. */
async function awake(trial: Trial, store?: LeaseStore): Promise<Ear> {
  const ear = trial.listen(store ?? (await trial.open()));
  await hearsAgain(trial, ear);
  return ear;
}

/** Has a lease won and released until it is heard of. */
async function hearsAgain(trial: Trial, ear: Ear): Promise<void> {
  const tries = 20;
  for (let tried = 0; tried < tries; tried += 1) {
    const holder = trial.attempt();
    await holder.win();
    await holder.release();
    if (await ear.hasHeard(trial.patience / tries)) return;
  }
  throw new BrokenRule(`a release must be heard of within ${trial.patience} ms`);
}
