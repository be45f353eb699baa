import { describe, expect, test } from "vitest";
import { settle } from "../support/manual-clock.ts";
import { granted, last, stage } from "./stage.ts";

/** A callback that takes its time, which the test decides. */
function slow() {
  const done: (() => void)[] = [];
  const failed: ((error: unknown) => void)[] = [];
  const callback = () =>
    new Promise<void>((resolve, reject) => {
      done.push(resolve);
      failed.push(reject);
    });
  return { callback, done, failed };
}

/** A leader whose callback tears down what it built up. */
async function torn(options = {}) {
  const around = stage(options);
  const teardown = slow();
  around.elector.onLeadershipChange((isLeader) => {
    return isLeader ? undefined : teardown.callback();
  });
  await around.lead();
  return { ...around, teardown };
}

describe("on leaving", () => {
  test.each(["stop", "resign"] as const)(
    "%s() keeps and renews the lease until callbacks have settled, then releases it",
    async (leave) => {
      const { clock, store, elector, teardown, changes } = await torn();
      const left = elector[leave]();
      expect(elector.isLeader()).toBe(false);
      expect(changes).toEqual(["gain 7", "loss 7"]);
      await clock.advance(300);
      last(store.renews).answer({ renewed: true });
      await clock.advance(300);
      expect([store.renews.length, store.releases.length]).toEqual([2, 0]);
      expect([elector.isLeader(), elector.term]).toEqual([false, undefined]);
      teardown.done[0]?.();
      await settle();
      last(store.releases).answer({ released: true });
      expect(await left).toBe("confirmed");
    },
  );

  test("callbacks are called synchronously and in order, whatever those before them return", async () => {
    const { store, elector, lead } = stage();
    const order: string[] = [];
    const first = slow();
    elector.onLeadershipChange((isLeader) => {
      order.push(`first ${isLeader}`);
      return first.callback();
    });
    elector.onLeadershipChange((isLeader) => order.push(`second ${isLeader}`));
    await lead();
    const stopped = elector.stop();
    expect(order).toEqual(["first true", "second true", "first false", "second false"]);
    for (const done of first.done) done();
    await settle();
    last(store.releases).answer({ released: true });
    await stopped;
  });

  test("what a callback of the gain has begun is waited for as well", async () => {
    const { store, elector, lead } = stage();
    const { callback, done } = slow();
    elector.onLeadershipChange((isLeader) => (isLeader ? callback() : undefined));
    await lead();
    const stopped = elector.stop();
    await settle();
    expect(store.releases).toHaveLength(0);
    done[0]?.();
    await settle();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
  });

  test("a callback that rejects is reported, and waited for no longer", async () => {
    const { store, elector, teardown } = await torn();
    const reported: unknown[] = [];
    elector.on("callbackError", ({ error }) => reported.push(error));
    const stopped = elector.stop();
    teardown.failed[0]?.(new Error("half done"));
    await settle();
    expect(reported).toEqual([new Error("half done")]);
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
  });

  test("callbacks that do not settle are waited for no longer than drainTimeout", async () => {
    const { clock, store, elector } = await torn({ drainTimeout: 500 });
    const late: unknown[] = [];
    elector.on("drainTimeout", ({ term }) => late.push(term.token));
    const stopped = elector.stop();
    await clock.advance(499);
    expect([store.releases.length, late]).toEqual([0, []]);
    await clock.advance(1);
    expect(late).toEqual([7]);
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    const { length } = store.renews;
    await clock.advance(5000);
    expect(store.renews).toHaveLength(length);
    expect(clock.armed).toBe(0);
  });

  test("a callback that blocks for longer than drainTimeout is no drainTimeout", async () => {
    const { clock, store, elector, lead } = stage({ drainTimeout: 100 });
    const late: unknown[] = [];
    elector.on("drainTimeout", (event) => late.push(event));
    elector.onLeadershipChange((isLeader) => {
      if (!isLeader) clock.block(200);
    });
    await lead();
    const stopped = elector.stop();
    last(store.releases).answer({ released: true });
    await stopped;
    expect(late).toEqual([]);
  });

  test("a lease that ends while callbacks drain is not renewed, and is given back by its nonce", async () => {
    const { clock, store, elector, teardown } = await torn();
    const stopped = elector.stop();
    await clock.advance(900);
    const renewals = store.renews.length;
    await clock.advance(500);
    expect(store.renews).toHaveLength(renewals);
    teardown.done[0]?.();
    await settle();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
  });

  test("`lead` waits for callbacks before it resolves", async () => {
    const { store, elector, teardown } = await torn();
    let isOver = false;
    const led = elector
      .lead(() => "done")
      .finally(() => {
        isOver = true;
      });
    await settle();
    expect([isOver, store.releases.length]).toEqual([false, 0]);
    teardown.done[0]?.();
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe("done");
  });

  test("a query builder that a callback returns is sent once", async () => {
    const { store, elector, lead } = stage();
    let sent = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: it is what such libraries return
      then: (resolve: () => void) => {
        sent += 1;
        resolve();
      },
    };
    elector.onLeadershipChange((isLeader) => (isLeader ? undefined : query));
    await lead();
    const stopped = elector.stop();
    await settle();
    last(store.releases).answer({ released: true });
    await stopped;
    expect(sent).toBe(1);
  });
});

describe("on losing", () => {
  test("nothing waits for callbacks: the lease is given back and the next campaign begins", async () => {
    const { clock, store, teardown, changes } = await torn();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(1);
    expect(store.acquires).toHaveLength(2);
    last(store.acquires).answer(granted(8));
    await settle();
    expect(changes).toEqual(["gain 7", "loss 7", "gain 8"]);
    expect(teardown.done).toHaveLength(1);
  });

  test("a stop after it does not wait for them either", async () => {
    const { clock, store, elector } = await torn();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    const stopped = elector.stop();
    await settle();
    last(store.releases).answer({ released: true });
    await stopped;
    expect(clock.armed).toBe(0);
  });
});
