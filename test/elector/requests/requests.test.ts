import { describe, expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { granted, held, last, stage } from "../stage.ts";

const unavailable = new StoreError("INCUMBENT_STORE_UNAVAILABLE", "It is down.", {
  applied: "maybe",
});

describe("a request to the store", () => {
  const own = { key: "job", nodeId: "one", metadata: "here", ttl: 1000 };

  test("to acquire says who asks, for how long, and until when it may be carried out", async () => {
    const { clock, store, elector } = stage({ metadata: "here" });
    await elector.start();
    const { request } = last(store.acquires);
    expect(request).toMatchObject({ ...own, nonce: "nonce-1", above: 0, notAfter: 300, clock });
    expect(request.signal.aborted).toBe(false);
  });

  test("to renew says the same of the term, and may not be carried out after its deadline", async () => {
    const { clock, store, lead } = stage({ metadata: "here" });
    await lead();
    await clock.advance(300);
    const { request } = last(store.renews);
    expect(request).toMatchObject({ ...own, nonce: "nonce-1", token: 7, notAfter: 900, clock });
  });

  test("to release names the attempt", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    void elector.stop();
    const { request } = last(store.releases);
    expect(request).toMatchObject({ key: "job", nonce: "nonce-1", notAfter: 300, clock });
  });

  test("to read is for the elector's own key, and given up after a renewal interval", async () => {
    const { clock, store, elector } = stage();
    const found = expect(elector.leader()).rejects.toMatchObject({
      message: "The store did not answer in time.",
    });
    const { request } = last(store.reads);
    expect(request).toMatchObject({ key: "job", notAfter: 300, clock });
    await clock.advance(300);
    expect(request.signal.aborted).toBe(true);
    await found;
  });
});

test("a store that fails each acquire, and frees something each time, is asked at the pace of the backoff", async () => {
  const { clock, store, elector } = stage();
  await elector.start();
  for (const until = clock.now() + 3000; clock.now() < until; await clock.advance(1)) {
    const { length } = store.acquires;
    last(store.acquires).fail(unavailable);
    for (const { answer } of store.releases) answer({ released: true });
    await clock.advance(0);
    expect(store.acquires).toHaveLength(length);
  }
  // After 50, 100 and 200 ms, and then each renewal interval.
  expect(store.acquires.length).toBeLessThan(15);
});

describe("a failure of the store is reported once", () => {
  async function failures() {
    const { clock, store, elector, lead } = stage();
    const reported: string[] = [];
    elector.on("storeError", ({ operation, error }) =>
      reported.push(`${operation} ${error.message}`),
    );
    await lead();
    await clock.advance(899);
    return { clock, store, reported };
  }

  test("for all attempts to renew that end by it at the deadline", async () => {
    const { clock, store, reported } = await failures();
    expect(store.renews.length).toBeGreaterThan(2);
    await clock.advance(1);
    expect(reported).toEqual(["renew The store did not answer in time."]);
  });

  test("and another one, or the same of a later attempt, again", async () => {
    const { clock, store, reported } = await failures();
    const [first, second, third] = store.renews;
    first?.fail(unavailable);
    await clock.advance(0);
    second?.fail(unavailable);
    await clock.advance(0);
    third?.fail(new StoreError("INCUMBENT_STORE_REFUSED", "It is full.", { applied: "no" }));
    await clock.advance(0);
    expect(reported).toEqual(["renew It is down.", "renew It is full."]);
    await clock.advance(1);
    last(store.acquires).fail(unavailable);
    await clock.advance(50);
    last(store.acquires).fail(unavailable);
    await clock.advance(0);
    expect(reported.filter((text) => text === "acquire It is down.")).toHaveLength(2);
  });
});

describe("G3: tokens only grow", () => {
  test("above a token that leader() has seen", async () => {
    const { store, elector } = stage();
    const found = elector.leader();
    const leader = { nodeId: "two", token: 41, since: 0, expiresIn: 100, metadata: undefined };
    last(store.reads).answer(leader);
    await found;
    await elector.start();
    expect(last(store.acquires).request.above).toBe(41);
  });

  test("above one's own, also when a refusal names a smaller one", async () => {
    const { clock, store, elector, lead } = stage();
    await lead(41);
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(1);
    const leader = { nodeId: "two", token: 5, since: 0, expiresIn: 100, metadata: undefined };
    last(store.acquires).answer({ ...held(100), leader });
    await clock.advance(100);
    expect(last(store.acquires).request.above).toBe(41);
    expect(elector.isLeader()).toBe(false);
  });
});

describe("an acquire", () => {
  test("that came too late for the store is repeated, with nothing to clean up", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    for (const wait of [50, 100, 200]) {
      last(store.acquires).answer({ ...held(0), reason: "late" });
      const asked = store.acquires.length;
      await clock.advance(wait - 1);
      expect(store.acquires).toHaveLength(asked);
      await clock.advance(1);
      expect(store.acquires).toHaveLength(asked + 1);
    }
    expect(store.releases).toEqual([]);
  });

  test("whose reply was lost is cleaned up by its own nonce, also after one that surely failed", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    last(store.acquires).fail(new Error("connection reset"));
    await clock.advance(50);
    const refusal = new StoreError("INCUMBENT_STORE_REFUSED", "LOADING", { applied: "no" });
    last(store.acquires).fail(refusal);
    await clock.advance(100);
    last(store.acquires).answer(granted(7));
    expect(store.acquires).toHaveLength(3);
    expect(store.releases.map(({ request }) => request.nonce)).toEqual(Array(3).fill("nonce-1"));
  });
});

describe("the signal of a request", () => {
  test("is made only if the store reads it", async () => {
    const { clock, store, elector, lead } = stage();
    let made = 0;
    class Counted extends AbortController {
      constructor() {
        super();
        made += 1;
      }
    }
    vi.stubGlobal("AbortController", Counted);
    onTestFinished(() => void vi.unstubAllGlobals());
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: true });
    await clock.advance(300);
    expect(last(store.renews).request.isAwaited).toBe(true);
    expect(made).toBe(0);
    expect(last(store.renews).request.signal).toBe(last(store.renews).request.signal);
    expect(made).toBe(1);
    expect(elector.isLeader()).toBe(true);
  });

  test("passes on to a copy of the request, as a store that wraps another makes it", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    const copy = { ...last(store.acquires).request, key: "shard:job" };
    expect(copy).toMatchObject({ key: "shard:job", nonce: "nonce-1" });
    expect(copy.signal.aborted).toBe(false);
    await clock.advance(300);
    expect(copy.signal.aborted).toBe(true);
  });

  test("is aborted for the same reason whenever it is first read, and isAwaited says the same", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    const { request } = last(store.acquires);
    expect(request.isAwaited).toBe(true);
    await clock.advance(300);
    expect(request.isAwaited).toBe(false);
    expect(request.signal.reason).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT" });
    void elector.stop();
    const { request: released } = last(store.releases);
    await clock.advance(1000);
    expect(released.isAwaited).toBe(false);
    expect(released.signal.aborted).toBe(true);
  });
});

describe("at the deadline of a request", () => {
  test("the reason of the store is reported, if it has one", async () => {
    const { clock, store, elector } = stage();
    const reported: string[] = [];
    elector.on("storeError", ({ error }) => reported.push(error.message));
    await elector.start();
    const { request, fail } = last(store.acquires);
    request.signal.addEventListener("abort", () => fail(unavailable));
    await clock.advance(300);
    expect(reported).toEqual(["It is down."]);
  });

  test("an answer comes too late, also between the abort and the end of our patience", async () => {
    const { clock, store, elector, changes } = stage();
    const reported: string[] = [];
    elector.on("storeError", ({ error }) => reported.push(error.code));
    await elector.start();
    const { request, answer } = last(store.acquires);
    request.signal.addEventListener("abort", () => answer(granted(7)));
    await clock.advance(300);
    expect(reported).toEqual(["INCUMBENT_STORE_TIMEOUT"]);
    expect(changes).toEqual([]);
    expect(store.releases.map((call) => call.request.nonce)).toEqual(["nonce-1"]);
  });

  test("a loss is reported first, and then that the store did not answer", async () => {
    const { clock, elector, changes, lead } = stage();
    elector.on("storeError", ({ operation }) => changes.push(operation));
    await lead();
    await clock.advance(900);
    expect(changes.slice(0, 3)).toEqual(["gain 7", "loss 7", "renew"]);
  });
});

test("an elector has one timer, however many requests are under way", async () => {
  const { clock, store, elector, lead } = stage();
  await lead();
  await clock.advance(200);
  const looked = elector.leader();
  await clock.advance(250);
  expect(store.renews).toHaveLength(2);
  expect(clock.armed).toBe(1);
  last(store.reads).answer(undefined);
  expect(await looked).toBe(undefined);
});
