import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { observe } from "../../src/elector/observe.ts";
import type { LeaseRecord } from "../../src/stores/lease-store.ts";
import { settle } from "../support/manual-clock.ts";
import { ScriptedStore } from "../support/scripted-store.ts";
import { held, last, stage, unwatched } from "./stage.ts";

function record(token: number, fields: Partial<LeaseRecord> = {}): LeaseRecord {
  return { nodeId: `n${token}`, token, since: 5, expiresIn: 600, metadata: undefined, ...fields };
}

/** Collects what an observer receives. */
function collect(elector: ReturnType<typeof stage>["elector"], signal?: AbortSignal) {
  const seen: (number | undefined)[] = [];
  const done = (async () => {
    for await (const leader of elector.observe({ signal })) seen.push(leader?.token);
  })();
  return { seen, done };
}

describe("observe", () => {
  test("yields the leader at first and on every change, also that there is none", async () => {
    const { clock, store, elector } = stage();
    const { seen, done } = collect(elector);
    await settle();
    last(store.reads).answer(record(1));
    await settle();
    store.hint("changed");
    await settle();
    last(store.reads).answer(record(2));
    await clock.advance(601);
    last(store.reads).answer(undefined);
    await settle();
    expect(seen).toEqual([1, 2, undefined]);
    await elector.stop();
    await done;
    expect(store.watchers.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  test("a stop lets go also if the consumer does not come back", async () => {
    const { clock, store, elector } = stage();
    const observer = elector.observe();
    const first = observer.next();
    await settle();
    last(store.reads).answer(record(1));
    expect((await first).value?.token).toBe(1);
    await elector.stop();
    expect(store.watchers.size).toBe(0);
    expect(clock.armed).toBe(0);
    expect(await observer.next()).toEqual({ done: true, value: undefined });
  });

  test("a renewal is no change", async () => {
    const { clock, store, elector } = stage();
    const { seen, done } = collect(elector);
    await settle();
    last(store.reads).answer(record(1));
    await clock.advance(600);
    expect(store.reads).toHaveLength(1);
    await clock.advance(1);
    last(store.reads).answer(record(1, { expiresIn: 900 }));
    await settle();
    expect(seen).toEqual([1]);
    await elector.stop();
    await done;
  });

  test("another term, another node and other metadata are each a change", async () => {
    const { store, elector } = stage();
    const seen: unknown[] = [];
    const done = (async () => {
      for await (const leader of elector.observe()) seen.push(leader);
    })();
    await settle();
    const answers = [
      record(1),
      record(2, { nodeId: "n1" }),
      // Of a store that lost its memory, and its tokens with it.
      record(2, { nodeId: "n3" }),
      record(2, { nodeId: "n3", metadata: "moved" }),
    ];
    for (const answer of answers) {
      last(store.reads).answer(answer);
      await settle();
      store.hint("changed");
      await settle();
    }
    expect(seen).toMatchObject(answers.map(({ since: _, ...fields }) => fields));
    await elector.stop();
    await done;
  });

  test("yields at first also that there is no leader, and that once", async () => {
    const { clock, store, elector } = stage();
    const { seen, done } = collect(elector);
    await settle();
    last(store.reads).answer(undefined);
    await clock.advance(1000);
    last(store.reads).answer(undefined);
    await settle();
    expect(seen).toEqual([undefined]);
    store.hint("changed");
    await settle();
    last(store.reads).answer(record(1));
    await settle();
    expect(seen).toEqual([undefined, 1]);
    await elector.stop();
    await done;
  });

  test("looks once a ttl, or at each renewal interval in a store that hears of nothing", async () => {
    for (const [store, longest] of [
      [new ScriptedStore(), 1000] as const,
      [unwatched(), 300] as const,
    ]) {
      const { clock, elector } = stage({}, store);
      const { done } = collect(elector);
      await settle();
      last(store.reads).answer(undefined);
      await clock.advance(longest - 1);
      expect(store.reads).toHaveLength(1);
      await clock.advance(1);
      expect(store.reads).toHaveLength(2);
      await elector.stop();
      await done;
    }
  });

  test("says nothing more once its signal is aborted, be a look on its way", async () => {
    const { store, elector } = stage();
    const controller = new AbortController();
    const { seen, done } = collect(elector, controller.signal);
    await settle();
    controller.abort();
    last(store.reads).answer(record(1));
    await done;
    expect(seen).toEqual([]);
  });

  test("leaves nothing on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const read = async () => undefined;
    const nothing = () => () => {};
    const durations = { longest: 1000, retryDelay: 300 };
    for await (const _ of observe({ read, watch: nothing, timer: nothing, signal, ...durations }))
      break;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a hint that comes during a look is not lost", async () => {
    const { store, elector } = stage();
    const { seen, done } = collect(elector);
    await settle();
    store.hint("changed");
    last(store.reads).answer(record(1));
    await settle();
    expect(store.reads).toHaveLength(2);
    last(store.reads).answer(record(2));
    await settle();
    expect(seen).toEqual([1, 2]);
    await elector.stop();
    await done;
  });

  test("an error of the store is reported and outlived", async () => {
    const { clock, store, elector } = stage();
    const errors: string[] = [];
    elector.on("storeError", ({ operation }) => errors.push(operation));
    const { seen, done } = collect(elector);
    await settle();
    last(store.reads).fail(new Error("gone"));
    await clock.advance(300);
    last(store.reads).answer(record(1));
    await settle();
    expect([errors, seen]).toEqual([["read"], [1]]);
    await elector.stop();
    await done;
  });

  test("ends when its signal is aborted, and leaves nothing behind", async () => {
    const { clock, store, elector } = stage();
    const controller = new AbortController();
    const { done } = collect(elector, controller.signal);
    await settle();
    last(store.reads).answer(undefined);
    await settle();
    controller.abort();
    await done;
    expect([store.watchers.size, clock.armed]).toEqual([0, 0]);
  });

  test("leader() asks the store, and rejects with a StoreError when it cannot be asked", async () => {
    const { clock, store, elector } = stage();
    const found = elector.leader();
    last(store.reads).answer(record(3, { metadata: "here" }));
    expect(await found).toEqual({
      ...{ key: "job", nodeId: "n3", token: 3, since: new Date(5) },
      ...{ expiresIn: 600, metadata: "here" },
    });
    const unanswered = expect(elector.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_TIMEOUT",
    });
    await clock.advance(300);
    await unanswered;
  });

  test("a look that stop() overtakes ends as stopped, and says nothing against the store", async () => {
    const { clock, store, elector } = stage();
    const errors: unknown[] = [];
    elector.on("storeError", (event) => errors.push(event));
    await elector.start();
    const found = expect(elector.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STOPPED",
      message: "The elector was stopped before the store had answered.",
    });
    const { done } = collect(elector);
    await settle();
    const stopped = elector.stop();
    last(store.acquires).answer(held(100));
    await stopped;
    await Promise.all([found, done]);
    expect(errors).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});
