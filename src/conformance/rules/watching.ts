import type { LeaseStore } from "../../stores/lease-store.ts";
import type { Ear } from "../ear.ts";
import { BrokenRule, expect } from "../expectations.ts";
import { within } from "../real-time.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** Hints, for stores that declare `wakeUp`. */
export const watchingRules: readonly Rule[] = [
  {
    id: "release-wakes-watchers",
    group: "watching",
    title: "a release sends a hint to those who watch the key through another store",
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
    title: "a new leader and new metadata each cause a hint that the leader changed",
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
    title: "a candidate that requests the lease on the hint of a release gets it",
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
      const message = `a candidate that reacts to a hint must be elected within ${trial.patience} ms`;
      await within(trial.patience, message, won);
      unwatch();
    },
  },
  {
    id: "watching-outlives-a-close",
    group: "watching",
    title: "a watcher gets hints again when its store is used again after a close",
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
    title: "a listener that has stopped watching gets no more hints, and the others still do",
    needs: "wakeUp",
    async run(trial) {
      const ear = await awake(trial);
      const deaf = trial.listen(trial.store);
      deaf.unwatch();
      deaf.unwatch();
      const holder = trial.attempt();
      await holder.win();
      await ear.hears("released", () => holder.release());
      expect(
        deaf.heard.length === 0,
        "a listener must get no hints after it stopped watching",
        deaf.heard,
      );
      ear.unwatch();
    },
  },
];

/** Makes a listener and waits until it gets hints, since a subscription may take some time. */
async function awake(trial: Trial, store?: LeaseStore): Promise<Ear> {
  const ear = trial.listen(store ?? (await trial.open()));
  await hearsAgain(trial, ear);
  return ear;
}

/** Acquires and releases the lease repeatedly until a hint arrives. */
async function hearsAgain(trial: Trial, ear: Ear): Promise<void> {
  const tries = 20;
  for (let tried = 0; tried < tries; tried += 1) {
    const holder = trial.attempt();
    await holder.win();
    await holder.release();
    if (await ear.hasHeard(trial.patience / tries)) return;
  }
  throw new BrokenRule(`the hint of a release must arrive within ${trial.patience} ms`);
}
