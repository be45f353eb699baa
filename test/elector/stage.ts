import { Elector } from "../../src/elector/elector.ts";
import type { ElectorOptions } from "../../src/elector/options.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { type Call, ScriptedStore } from "../support/scripted-store.ts";

/** The last call of a kind; fails the test where there is none. */
export function last<Request, Reply>(calls: readonly Call<Request, Reply>[]): Call<Request, Reply> {
  const call = calls.at(-1);
  if (call === undefined) throw new Error("the store was not asked");
  return call;
}

/** A store that hears of no changes: it has no `watch`. */
export function unwatched(): ScriptedStore {
  return Object.assign(new ScriptedStore(), { watch: undefined });
}

export const granted = (token: number) => ({ granted: true, token, since: 1_000 }) as const;

/** A refusal, by no particular leader. */
export const held = (retryIn: number) =>
  ({ granted: false, reason: "held", leader: undefined, retryIn }) as const;

/** One elector on a scripted store and a manual clock. ttl 1000: trusted for 900, renewed each 300. */
export function stage(options: ElectorOptions = {}, store = new ScriptedStore()) {
  const clock = new ManualClock();
  let nonces = 0;
  const nonce = () => {
    nonces += 1;
    return `nonce-${nonces}`;
  };
  const elector = new Elector(
    store,
    "job",
    { ttl: 1000, nodeId: "one", ...options },
    { clock, jitter: () => 1, nonce },
  );
  const changes: string[] = [];
  elector.onLeadershipChange((isLeader, term) => {
    changes.push(`${isLeader ? "gain" : "loss"} ${term.token}`);
    if (elector.isLeader() !== isLeader) changes.push("stale truth");
  });
  const lead = async (token = 7) => {
    if (store.acquires.length === 0) await elector.start();
    last(store.acquires).answer(granted(token));
    await settle();
  };
  return { clock, store, elector, changes, lead };
}
