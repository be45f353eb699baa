import { describe, expect, test } from "vitest";
import { Elector } from "../../../src/elector/elector.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";
import { ScriptedStore } from "../../support/scripted-store.ts";
import { granted, held, last, unwatched } from "../stage.ts";

/** So many electors, each for a key of its own, of which two may ask the store at the same time. */
async function crowd(size: number, store: ScriptedStore = new ScriptedStore()) {
  const clock = new ManualClock();
  const environment = { clock, jitter: () => 1, maxConcurrentAcquires: 2 };
  const electors = Array.from(
    { length: size },
    (_, at) => new Elector(store, `k${at}`, { ttl: 1000 }, environment),
  );
  const errors: string[] = [];
  for (const elector of electors) {
    elector.on("storeError", ({ error }) => errors.push(`${elector.key} ${error.code}`));
    await elector.start();
  }
  const asked = () => store.acquires.map(({ request }) => request.key);
  return { clock, store, electors, errors, asked };
}

describe("of many electors that start at once", () => {
  test("so many ask as are let in, and the others send nothing", async () => {
    const { clock, asked } = await crowd(5);
    await clock.advance(100);
    expect(asked()).toEqual(["k0", "k1"]);
  });

  test("the next asks when one has its answer, in the order in which they came", async () => {
    const { store, asked } = await crowd(5);
    last(store.acquires).answer(granted(1));
    await settle();
    expect(asked()).toEqual(["k0", "k1", "k2"]);
    last(store.acquires).answer(held(1000));
    await settle();
    expect(asked()).toEqual(["k0", "k1", "k2", "k3"]);
  });

  test("the next asks when a request has failed, or was waited for in vain", async () => {
    const { clock, store, asked, errors } = await crowd(4);
    last(store.acquires).fail(new Error("refused"));
    await settle();
    expect(asked()).toEqual(["k0", "k1", "k2"]);
    await clock.advance(400);
    expect(asked()).toContain("k3");
    expect(errors.slice(0, 2)).toEqual([
      "k1 INCUMBENT_STORE_UNAVAILABLE",
      "k0 INCUMBENT_STORE_TIMEOUT",
    ]);
  });

  test("one that waits for its turn has the whole interval for its request", async () => {
    const { clock, store, electors, errors } = await crowd(3);
    await clock.advance(200);
    store.acquires[0]?.answer(granted(1));
    await settle();
    await clock.advance(200);
    store.acquires.find(({ request }) => request.key === "k2")?.answer(granted(2));
    await settle();
    expect(electors[2]?.isLeader()).toBe(true);
    expect(errors.filter((error) => error.startsWith("k2"))).toEqual([]);
  });

  test("a leader renews whichever candidates wait", async () => {
    const { clock, store } = await crowd(5);
    store.acquires[0]?.answer(granted(1));
    await settle();
    await clock.advance(320);
    expect(store.renews.map(({ request }) => request.key)).toContain("k0");
  });

  test("one that is stopped while it waits lets the next ask", async () => {
    const { store, electors, asked } = await crowd(4);
    expect(await electors[2]?.stop()).toBe("none");
    store.acquires[0]?.answer(granted(1));
    await settle();
    expect(asked()).toEqual(["k0", "k1", "k3"]);
  });

  test("one that is stopped while it asks lets the next ask", async () => {
    const { store, electors, asked } = await crowd(3);
    const stopping = electors[0]?.stop();
    store.acquires[0]?.answer(held(1000));
    await stopping;
    expect(asked()).toEqual(["k0", "k1", "k2"]);
  });

  test("all have their turn at a store that gives no hints", async () => {
    const { store, asked } = await crowd(6, unwatched());
    for (let at = 0; at < 6; at += 1) {
      store.acquires[at]?.answer(granted(at + 1));
      await settle();
    }
    expect(asked()).toEqual(["k0", "k1", "k2", "k3", "k4", "k5"]);
  });
});
