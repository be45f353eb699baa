import { describe, expect, test } from "vitest";
import type { Hint } from "../../../src/stores/lease-store.ts";
import { MemoryStore } from "../../../src/stores/memory/memory-store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

function timed() {
  const clock = new ManualClock();
  return { clock, at: { clock, notAfter: 1_000_000 } };
}

describe("a lease in memory", () => {
  test("is had by one attempt until it ends by the elector's clock", async () => {
    const { clock, at } = timed();
    const store = new MemoryStore();
    const first = acquireRequest("k", at);
    expect(await store.acquire(first)).toMatchObject({ granted: true });
    clock.block(999);
    expect(await store.acquire(acquireRequest("k", at))).toMatchObject({
      granted: false,
      retryIn: 1,
    });
    clock.block(1);
    expect(await store.read(request("k", at))).toBeUndefined();
    expect(await store.acquire(acquireRequest("k", at))).toMatchObject({ granted: true });
    expect(await store.renew(renewRequest(first, 1, at))).toMatchObject({ renewed: false });
  });

  test("is not touched by a request that comes after its not-after", async () => {
    const { clock, at } = timed();
    const store = new MemoryStore();
    const held = acquireRequest("held", at);
    await store.acquire(held);
    clock.block(10);
    const late = { clock, notAfter: 9 };
    expect(await store.acquire(acquireRequest("free", late))).toMatchObject({ reason: "late" });
    expect(await store.renew(renewRequest(held, 1, { ...late, ttl: 5000 }))).toMatchObject({
      reason: "late",
    });
    expect(await store.read(request("free", at))).toBeUndefined();
    expect(await store.read(request("held", at))).toMatchObject({ expiresIn: 990 });
    // What is one's own may be given back at any time.
    expect(await store.release({ ...held, ...late })).toEqual({ released: true });
  });

  test("has larger tokens every time, also after the wall clock was set back", async () => {
    let wall = 1_790_000_000_000;
    const store = new MemoryStore({ wallClock: () => wall });
    const tokens: number[] = [];
    for (const jump of [0, -3_600_000, 7_200_000]) {
      wall += jump;
      const asked = acquireRequest("k");
      const reply = await store.acquire(asked);
      if (reply.granted) tokens.push(reply.token);
      await store.release(asked);
    }
    expect(tokens).toEqual([1.79e15, 1.79e15 + 1, 1.79e15 + 3.6e9]);
  });
});

describe("watching", () => {
  test("reports grants, new metadata and releases, but not renewals", async () => {
    const store = new MemoryStore();
    const hints: Hint[] = [];
    store.watch("k", (hint) => hints.push(hint));
    const asked = acquireRequest("k");
    await store.acquire(asked);
    await store.acquire(acquireRequest("k"));
    await store.renew(renewRequest(asked, 1));
    await store.renew(renewRequest(asked, 1, { metadata: "new" }));
    await store.release(asked);
    await store.release(asked);
    await store.acquire(acquireRequest("another"));
    await Promise.resolve();
    expect(hints).toEqual(["changed", "changed", "released"]);
  });

  test("reports after the request is answered, so that a listener may ask at once", async () => {
    const store = new MemoryStore();
    const asked = acquireRequest("k");
    await store.acquire(asked);
    const hinted = new Promise((resolve) => {
      store.watch("k", () => resolve(store.acquire(acquireRequest("k"))));
    });
    await store.release(asked);
    expect(await hinted).toMatchObject({ granted: true });
  });

  test("ends at once, also for a hint on its way, and for no other watcher", async () => {
    const store = new MemoryStore();
    const calls: string[] = [];
    const onHint = () => calls.push("one");
    const unwatch = store.watch("k", onHint);
    store.watch("k", onHint);
    store.watch("k", () => calls.push("two"));
    void store.acquire(acquireRequest("k"));
    unwatch();
    unwatch();
    await Promise.resolve();
    expect(calls).toEqual(["one", "two"]);
  });
});

test("ending a watch twice does not end one that began in between", async () => {
  const store = new MemoryStore();
  const hints: Hint[] = [];
  const unwatch = store.watch("k", () => {});
  unwatch();
  store.watch("k", (hint) => hints.push(hint));
  unwatch();
  await store.acquire(acquireRequest("k"));
  await Promise.resolve();
  expect(hints).toEqual(["changed"]);
});

test("a store in memory says what it is", () => {
  expect(new MemoryStore().traits).toEqual({
    ...{ name: "memory", exclusion: "strict", tokens: "clock", clock: "server" },
  });
});

describe("bad options", () => {
  test.each([
    [
      null,
      /options must be an object; got null. Example: \{ wallClock: \(\) => Date.now\(\) \}\.$/,
    ],
    [{ wallclock: Date.now }, /did you mean "wallClock"/],
    [
      { wallClock: 5 },
      /^wallClock must be a function that gives milliseconds since 1970; got 5\. Example: Date\.now\.$/,
    ],
  ])("%o", (options, message) => {
    // @ts-expect-error: what a caller without types may pass.
    expect(() => new MemoryStore(options)).toThrow(message);
  });
});
