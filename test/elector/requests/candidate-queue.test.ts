import { describe, expect, test } from "vitest";
import { Elector } from "../../../src/elector/elector.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";
import { ScriptedStore } from "../../support/scripted-store.ts";
import { granted, held } from "../stage.ts";

const leader = {
  ...{ nodeId: "other", token: 7, since: 1_000, metadata: undefined },
  expiresIn: 10_000,
};

const refusal = { granted: false, reason: "held", leader, retryIn: 10_000 } as const;

/** So many candidates of one key on one store, all refused by a leader elsewhere. */
async function crowd(size: number) {
  const clock = new ManualClock();
  const store = new ScriptedStore();
  const electors = Array.from(
    { length: size },
    (_, at) =>
      new Elector(store, "job", { ttl: 10_000, nodeId: `c${at}` }, { clock, jitter: () => 0.5 }),
  );
  for (const elector of electors) await elector.start();
  for (const { answer } of store.acquires) answer(refusal);
  await settle();
  const asked = () => store.acquires.slice(size).map(({ request }) => request.nodeId);
  return { clock, store, electors, asked };
}

describe("of many candidates in a process", () => {
  test("one asks for a lease that was given back", async () => {
    const { clock, store, asked } = await crowd(100);
    store.hint("released");
    expect(asked()).toEqual(["c0"]);
    store.acquires.at(-1)?.answer(granted(8));
    await clock.advance(1000);
    expect(asked()).toEqual(["c0"]);
  });

  test("another asks the next time", async () => {
    const { store, asked } = await crowd(3);
    for (const turn of ["c0", "c1", "c2", "c0"]) {
      store.hint("released");
      expect(asked().at(-1)).toBe(turn);
      store.acquires.at(-1)?.answer(refusal);
      await settle();
    }
  });

  test("the others ask soon if the first gets no answer", async () => {
    const { clock, store, asked } = await crowd(3);
    store.hint("released");
    await clock.advance(40);
    expect(asked()).toEqual(["c0"]);
    await clock.advance(200);
    expect(asked()).toEqual(["c0", "c1", "c2"]);
  });

  test("the others ask soon if the request of the first fails", async () => {
    const { clock, store, asked } = await crowd(3);
    store.hint("released");
    store.acquires.at(-1)?.fail(new Error("connection lost"));
    await clock.advance(45);
    expect(asked()).not.toContain("c1");
    await clock.advance(200);
    expect(asked()).toEqual(expect.arrayContaining(["c1", "c2"]));
  });

  test("the others do not ask once a leader was seen", async () => {
    const { clock, store, asked } = await crowd(3);
    store.hint("released");
    store.acquires.at(-1)?.answer(refusal);
    await clock.advance(1000);
    expect(asked()).toEqual(["c0"]);
  });

  test("the others do not ask once they hear that another leader was elected", async () => {
    const { clock, store, asked } = await crowd(3);
    store.hint("released");
    await clock.advance(10);
    store.hint("changed");
    await clock.advance(1000);
    expect(asked()).toEqual(["c0"]);
  });

  test("the others ask soon if the first stops in its turn", async () => {
    const { clock, store, electors, asked } = await crowd(3);
    store.hint("released");
    const stopping = electors[0]?.stop();
    store.acquires.at(-1)?.answer(held(10_000));
    await stopping;
    await clock.advance(150);
    expect(asked()).toEqual(expect.arrayContaining(["c1", "c2"]));
  });

  test("one that has stopped has no turn", async () => {
    const { store, electors, asked } = await crowd(3);
    await electors[0]?.stop();
    store.hint("released");
    expect(asked()).toEqual(["c1"]);
  });

  test("one that has resigned has no turn before the others had time to ask", async () => {
    const { store, electors, asked } = await crowd(2);
    store.hint("released");
    store.acquires.at(-1)?.answer(granted(8));
    await settle();
    const resigned = electors[0]?.resign();
    store.releases.at(-1)?.answer({ released: true });
    await resigned;
    store.hint("released");
    expect(asked()).toEqual(["c0", "c1"]);
  });

  test("one that is stopped by a callback during a hint does not use up the turn", async () => {
    const { clock, store, electors, asked } = await crowd(3);
    const [one, two] = electors;
    store.hint("released");
    store.acquires.at(-1)?.answer(granted(8));
    await settle();
    // Its deadline has passed unnoticed, so the hint is what ends its term.
    one?.onLeadershipChange((isLeader) => void (isLeader || two?.stop()));
    clock.block(20_000);
    store.hint("released");
    expect(asked()).toContain("c2");
    expect(asked()).not.toContain("c1");
  });

  test("the last to stop ends the subscription, of which there is one", async () => {
    const { store, electors } = await crowd(3);
    expect(store.watchers.size).toBe(1);
    for (const elector of electors) await elector.stop();
    expect(store.watchers.size).toBe(0);
  });
});
