import { describe, expect, test } from "vitest";
import type { ElectorEventName } from "../../src/elector/events.ts";
import { StoreError } from "../../src/errors.ts";
import { settle } from "../support/manual-clock.ts";
import { ScriptedStore } from "../support/scripted-store.ts";
import { granted, held, last, stage } from "./stage.ts";

/** An elector with the events that it emits, in order. */
function recorded(...names: ElectorEventName[]) {
  const on = stage({ metadata: "http://one" });
  const events: unknown[] = [];
  for (const name of names) on.elector.on(name, (event) => events.push({ [name]: event }));
  return { ...on, events };
}

const refusal = new StoreError("INCUMBENT_STORE_REFUSED", "READONLY", { applied: "no" });

describe("a listener", () => {
  test("that has unregistered hears nothing more; the same one registered twice hears twice", async () => {
    const { elector, lead } = stage();
    const heard: number[] = [];
    const listener = () => void heard.push(1);
    const unregister = elector.on("elected", listener);
    elector.on("elected", listener);
    elector.on("elected", listener);
    unregister();
    await lead();
    expect(heard).toEqual([1, 1]);
  });

  test("of an event that does not exist, or that is no function, is refused by name", () => {
    const { elector } = stage();
    expect(() => elector.on("elect" as "elected", () => {})).toThrow(
      /^event is not known; did you mean "elected"\?; got "elect"\. Example: elected, deposed, /,
    );
    expect(() => elector.on("toString" as "elected", () => {})).toThrow(/^event is not known/);
    const missing = undefined as unknown as () => void; // As JavaScript may.
    expect(() => elector.on("elected", missing)).toThrow(
      /^listener must be a function; got undefined\. Example: elector\.on\("elected", /,
    );
  });

  test("that throws is reported, and those after it are called", async () => {
    const { elector, lead, events } = recorded("callbackError");
    elector.on("elected", () => {
      throw new Error("thrown");
    });
    elector.on("elected", () => void events.push("after"));
    await lead();
    expect(events).toEqual([{ callbackError: { error: new Error("thrown") } }, "after"]);
  });

  test("of errors that throws itself is not reported, or it would be for ever", async () => {
    const { elector, lead, events } = recorded("callbackError");
    elector.on("callbackError", () => {
      throw new Error("the reporter");
    });
    elector.on("elected", () => {
      throw new Error("thrown");
    });
    await lead();
    expect(events).toEqual([{ callbackError: { error: new Error("thrown") } }]);
  });

  // biome-ignore lint/suspicious/noThenProperty: what looks like a promise and is none is the point.
  test.each([[null], [0], ["then"], [{}], [{ then: 1 }]])("may return %j", async (result) => {
    const { elector, lead, events } = recorded("callbackError");
    elector.on("elected", () => result);
    await lead();
    expect(events).toEqual([]);
  });
});

describe("events", () => {
  test("come in the order of what happened, also when a callback ends the term at once", async () => {
    const { elector, lead, events } = recorded("elected", "deposed");
    elector.onLeadershipChange((isLeader) => {
      if (isLeader) void elector.stop();
    });
    await lead();
    expect(events).toMatchObject([
      { elected: { term: { token: 7 } } },
      { deposed: { term: { token: 7 }, reason: "stopped" } },
    ]);
  });

  test("report a renewal with its round trip, also while work drains, and of none after that", async () => {
    const { clock, store, elector, lead, events } = recorded("renewed");
    await lead();
    await clock.advance(300);
    const renewal = last(store.renews);
    await clock.advance(40);
    renewal.answer({ renewed: true });
    await settle();
    expect(events).toMatchObject([{ renewed: { term: { token: 7 }, took: 40 } }]);
    await clock.advance(260);
    const { term } = elector;
    let settleWork = () => {};
    void elector.lead(() => new Promise<void>((resolve) => (settleWork = resolve)));
    await settle();
    void elector.resign();
    // The lease is kept while the work drains.
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(store.releases).toEqual([]);
    expect(term?.remaining()).toBe(0);
    expect(events).toHaveLength(2);
    await clock.advance(300);
    settleWork();
    await settle();
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(store.releases).toHaveLength(1);
    expect(events).toHaveLength(2);
  });

  test("report another leader once, be it this process or one that a refusal names", async () => {
    const { clock, store, elector, events } = recorded("leaderChanged");
    const leader = {
      nodeId: "two",
      token: 5,
      since: 2_000,
      expiresIn: 100,
      metadata: "http://two",
    };
    await elector.start();
    for (let round = 0; round < 2; round += 1) {
      last(store.acquires).answer({ ...held(100), leader });
      await clock.advance(100);
    }
    last(store.acquires).answer(held(100));
    await clock.advance(100);
    last(store.acquires).answer(granted(7));
    await settle();
    const own = { nodeId: "one", token: 7, expiresIn: 1000, metadata: "http://one" };
    expect(events).toEqual([
      { leaderChanged: { leader: { ...leader, key: "job", since: new Date(2_000) } } },
      { leaderChanged: { leader: { ...own, key: "job", since: new Date(1_000) } } },
    ]);
  });

  test("report a leader with another ttl once, and one with the same never", async () => {
    const { clock, store, elector, events } = recorded("ttlMismatch");
    const leader = { nodeId: "two", token: 5, since: 0, expiresIn: 100, metadata: undefined };
    const seen = { ...leader, key: "job", since: new Date(0) };
    await elector.start();
    for (const ttl of [undefined, 1000, 5000, 5000, 1000, 5000, 400]) {
      last(store.acquires).answer({ ...held(100), leader: { ...leader, ttl } });
      await clock.advance(100);
    }
    expect(events).toEqual([
      { ttlMismatch: { leader: seen, ttl: 5000, ownTtl: 1000 } },
      { ttlMismatch: { leader: seen, ttl: 400, ownTtl: 1000 } },
    ]);
  });

  test("do not report a ttl that the store rounds to its own steps", async () => {
    const store = new ScriptedStore({ granularity: 1000 });
    const { clock, elector } = stage({ ttl: 2500 }, store);
    const events: unknown[] = [];
    elector.on("ttlMismatch", (event) => events.push(event));
    const leader = { nodeId: "two", token: 5, since: 0, expiresIn: 100, metadata: undefined };
    await elector.start();
    last(store.acquires).answer({ ...held(100), leader: { ...leader, ttl: 3000 } });
    await clock.advance(100);
    expect(events).toEqual([]);
    last(store.acquires).answer({ ...held(100), leader: { ...leader, ttl: 15_000 } });
    await clock.advance(100);
    expect(events).toHaveLength(1);
  });

  test("report a quarantine and how long it lasts: a ttl, if the store does not know", async () => {
    const { clock, store, elector, events } = recorded("quarantined");
    await elector.start();
    last(store.acquires).answer({ ...held(640), reason: "quarantine" });
    await clock.advance(640);
    const unknown = { retryIn: undefined, leader: undefined };
    last(store.acquires).answer({ granted: false, reason: "quarantine", ...unknown });
    await clock.advance(1000);
    last(store.acquires).answer(held(100));
    await settle();
    expect(events).toEqual([{ quarantined: { retryIn: 640 } }, { quarantined: { retryIn: 1000 } }]);
  });

  test("end the outage of all that a campaign asks for when it goes on, but not of reads", async () => {
    const { clock, store, elector, lead, events } = recorded("storeRecovered");
    await lead();
    elector.leader().catch(() => {});
    last(store.reads).fail(refusal);
    await clock.advance(300);
    last(store.renews).fail(refusal);
    await clock.advance(700);
    last(store.acquires).answer(held(900));
    await settle();
    expect(events).toEqual([{ storeRecovered: { operation: "renew" } }]);
  });

  test("name the operation that failed, and the first of its kind that succeeded again", async () => {
    const { clock, store, elector, lead, events } = recorded("storeRecovered");
    elector.on("storeError", ({ operation }) => events.push(operation));
    await elector.start();
    last(store.acquires).fail(refusal);
    await clock.advance(50);
    await lead();
    const looks = [elector.leader(), elector.leader(), elector.leader()];
    looks[0]?.catch(() => {});
    store.reads[0]?.fail(refusal);
    await settle();
    store.reads[1]?.answer(undefined);
    store.reads[2]?.answer(undefined);
    await settle();
    void elector.resign();
    last(store.releases).fail(refusal);
    await clock.advance(50);
    last(store.releases).answer({ released: true });
    await settle();
    expect(events).toEqual([
      ...["acquire", { storeRecovered: { operation: "acquire" } }],
      ...["read", { storeRecovered: { operation: "read" } }],
      ...["release", { storeRecovered: { operation: "release" } }],
    ]);
  });
});
