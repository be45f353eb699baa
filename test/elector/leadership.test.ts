import { describe, expect, test } from "vitest";
import { LeadershipLostError, StoreError } from "../../src/errors.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, last, stage } from "./stage.ts";

describe("G1: one believed leader", () => {
  test("a slow grant does not extend the trust window", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    await clock.advance(200);
    last(store.acquires).answer(granted(7));
    await settle();
    expect(elector.term?.remaining()).toBe(700);
    clock.block(699);
    expect(elector.isLeader()).toBe(true);
    clock.block(1);
    expect(elector.isLeader()).toBe(false);
    expect(elector.term).toBeUndefined();
  });

  test("without a safety margin, the drift of two clocks and 2 ms are still not trusted", async () => {
    const { elector, lead } = stage({ safetyMargin: 0 });
    await lead();
    expect(elector.term?.remaining()).toBe(1000 - 10 - 2);
  });

  test("an old term has nothing left, also when the same process leads the next one", async () => {
    const { clock, store, elector, lead } = stage();
    await lead(7);
    const { term } = elector;
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(1);
    last(store.acquires).answer(granted(8));
    await settle();
    expect(elector.term?.remaining()).toBe(899);
    expect(term?.remaining()).toBe(0);
  });

  test("the first look after a pause says not leader, before any timer has run", async () => {
    const { clock, elector, lead } = stage();
    await lead();
    clock.block(2500);
    expect(elector.isLeader()).toBe(false);
  });

  test("a renewal that is answered after the deadline changes nothing", async () => {
    const { clock, store, elector, changes, lead } = stage();
    await lead();
    await clock.advance(300);
    const renewal = last(store.renews);
    clock.block(700);
    renewal.answer({ renewed: true });
    await settle();
    expect(elector.isLeader()).toBe(false);
    expect(changes).toEqual(["gain 7", "loss 7"]);
  });

  test("a grant that is answered after our own deadline is not believed, and is given back", async () => {
    const { clock, store, elector, changes } = stage();
    await elector.start();
    const late = last(store.acquires);
    await clock.advance(300);
    expect(store.releases.map(({ request }) => request.nonce)).toEqual(["nonce-1"]);
    late.answer(granted(7));
    await settle();
    expect(elector.isLeader()).toBe(false);
    expect(changes).toEqual([]);
  });

  test("every attempt has a nonce of its own, and a not-after", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    last(store.acquires).answer({
      granted: false,
      reason: "held",
      leader: undefined,
      retryIn: 100,
    });
    await clock.advance(100);
    const [first, second] = store.acquires;
    expect(first?.request.nonce).not.toBe(second?.request.nonce);
    expect(second?.request.notAfter).toBe(100 + 300);
  });

  test("a token above all that were seen is asked for", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    const leader = { nodeId: "two", token: 41, since: 0, expiresIn: 100, metadata: undefined };
    last(store.acquires).answer({ granted: false, reason: "held", leader, retryIn: 100 });
    await clock.advance(100);
    expect(last(store.acquires).request.above).toBe(41);
  });
});

describe("G2: reliable notifications", () => {
  test("callbacks are called in registration order, when isLeader() has the new state already", async () => {
    const { elector, changes, lead } = stage();
    elector.onLeadershipChange((isLeader) => void changes.push(`second ${isLeader}`));
    await lead();
    void elector.stop();
    expect(changes).toEqual(["gain 7", "second true", "loss 7", "second false"]);
  });

  test("what is no function is refused by name, as a callback and as work", async () => {
    const { elector, store } = stage();
    const missing = undefined as unknown as () => void; // As JavaScript may.
    expect(() => elector.onLeadershipChange(missing)).toThrow(
      /^callback must be a function; got undefined\. Example: \(isLeader\) => /,
    );
    await expect(elector.lead(missing)).rejects.toThrow(/^work must be a function; got undefined/);
    expect(store.acquires).toEqual([]);
  });

  test("a callback that throws or rejects is reported, and the others run", async () => {
    const { elector, changes, lead } = stage();
    const reported: unknown[] = [];
    elector.on("callbackError", ({ error }) => reported.push(error));
    elector.onLeadershipChange(() => {
      throw new Error("thrown");
    });
    elector.onLeadershipChange(async () => {
      throw new Error("rejected");
    });
    elector.onLeadershipChange((isLeader) => void changes.push(`last ${isLeader}`));
    await lead();
    expect(changes).toEqual(["gain 7", "last true"]);
    expect(reported).toEqual([new Error("thrown"), new Error("rejected")]);
  });

  test("a callback that blocks until the lease is over leaves no other callback with stale truth", async () => {
    const { clock, store, elector, changes, lead } = stage();
    const later: string[] = [];
    let blocks = true;
    elector.onLeadershipChange((isLeader) => {
      if (isLeader && blocks) clock.block(3000);
      blocks = false;
    });
    elector.onLeadershipChange((isLeader, { token }) => {
      later.push(`${isLeader} ${token} ${elector.isLeader()}`);
    });
    await lead();
    await clock.advance(0);
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(later).toEqual([]);
    last(store.acquires).answer(granted(8));
    await settle();
    expect(later).toEqual(["true 8 true"]);
  });

  test("one that registers while leading hears of the loss alone", async () => {
    const { elector, lead } = stage();
    await lead();
    const heard: boolean[] = [];
    elector.onLeadershipChange((isLeader) => void heard.push(isLeader));
    void elector.resign();
    expect(heard).toEqual([false]);
  });

  test("one that registers inside a callback hears of what comes next", async () => {
    const { elector, lead } = stage();
    const heard: boolean[] = [];
    const unregister = elector.onLeadershipChange(() => {
      unregister();
      elector.onLeadershipChange((isLeader) => void heard.push(isLeader));
    });
    await lead();
    expect(heard).toEqual([]);
    void elector.resign();
    expect(heard).toEqual([false]);
  });

  test("one that has unregistered is not called, also if a callback before it unregistered it", async () => {
    const { elector, lead } = stage();
    const heard: boolean[] = [];
    let unregister = () => {};
    elector.onLeadershipChange(() => unregister());
    unregister = elector.onLeadershipChange((isLeader) => void heard.push(isLeader));
    await lead();
    expect(heard).toEqual([]);
  });

  test("stop() inside a gain callback ends the gain before any other callback hears of it", async () => {
    const { store, elector, changes } = stage();
    elector.onLeadershipChange((isLeader) => {
      if (isLeader) void elector.stop();
    });
    const later: boolean[] = [];
    elector.onLeadershipChange((isLeader) => void later.push(isLeader));
    await elector.start();
    last(store.acquires).answer(granted(7));
    await settle();
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(later).toEqual([]);
    expect(elector.isLeader()).toBe(false);
  });

  test("the term's signal is aborted, with the reason, before the loss is reported", async () => {
    const { clock, elector, lead } = stage();
    await lead();
    const { term } = elector;
    const seen: unknown[] = [];
    elector.onLeadershipChange((_, { signal }) => void seen.push(signal.aborted, signal.reason));
    await clock.advance(900);
    expect(seen[0]).toBe(true);
    expect(seen[1]).toBeInstanceOf(LeadershipLostError);
    expect(term?.signal.reason).toMatchObject({
      reason: "store-lost",
      code: "INCUMBENT_LEADERSHIP_LOST",
    });
    expect(term?.remaining()).toBe(0);
  });

  test("the loss is reported at the deadline and not at the lease's end", async () => {
    const { clock, changes, lead } = stage();
    await lead();
    await clock.advance(899);
    expect(changes).toEqual(["gain 7"]);
    await clock.advance(1);
    expect(changes).toEqual(["gain 7", "loss 7"]);
  });
});

describe("G6: retries", () => {
  const refusal = new StoreError("INCUMBENT_STORE_REFUSED", "READONLY", { applied: "no" });

  test("a failed renewal is retried inside the time that is left, and loses nothing", async () => {
    const { clock, store, elector, changes, lead } = stage();
    const errors: string[] = [];
    const recovered: string[] = [];
    elector.on("storeError", ({ operation, error }) => errors.push(`${operation} ${error.code}`));
    elector.on("storeRecovered", ({ operation }) => recovered.push(operation));
    await lead();
    await clock.advance(300);
    last(store.renews).fail(refusal);
    await clock.advance(50);
    last(store.renews).fail(new Error("who knows"));
    await clock.advance(100);
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(store.renews).toHaveLength(3);
    expect(errors).toEqual(["renew INCUMBENT_STORE_REFUSED", "renew INCUMBENT_STORE_UNAVAILABLE"]);
    expect(recovered).toEqual(["renew"]);
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain 7"]);
  });

  test("one failed renewal ends no term, also at the largest renewalInterval", async () => {
    const { clock, store, elector, changes, lead } = stage({ renewalInterval: 600 });
    await lead();
    await clock.advance(600);
    // The answer takes as long as it may, and the next one still has time for a round trip.
    await clock.advance(140);
    last(store.renews).fail(refusal);
    while (store.renews.length === 1 && elector.isLeader()) await clock.advance(1);
    await clock.advance(100);
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain 7"]);
  });

  test("a candidate never dies of an error, and asks less and less often", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    for (let failures = 0; failures < 20; failures += 1) {
      last(store.acquires).fail(refusal);
      await clock.advance(300);
    }
    expect(store.acquires).toHaveLength(21);
    last(store.acquires).answer(granted(7));
    await settle();
    expect(elector.isLeader()).toBe(true);
  });

  test("a renewal that arrived too late for the store is no loss while there is time", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "late" });
    await clock.advance(100);
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(elector.isLeader()).toBe(true);
  });

  test("an acquire whose reply was lost is cleaned up by its nonce before the next attempt", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    last(store.acquires).fail(new Error("connection reset"));
    await clock.advance(50);
    expect(store.releases[0]?.request.nonce).toBe("nonce-1");
    expect(store.acquires.at(-1)?.request.nonce).toBe("nonce-2");
  });
});
