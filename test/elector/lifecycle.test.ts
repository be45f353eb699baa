import { describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, held, last, stage, unwatched } from "./stage.ts";

/** What Node.js warns of from now on, until the test ends. */
function warningsHeard(): readonly unknown[] {
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown) => warnings.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  return warnings;
}

describe("G5: clean shutdown", () => {
  test("stop() before start does nothing, and start works after it", async () => {
    const { store, elector } = stage();
    expect(await elector.stop()).toBe("none");
    await elector.start();
    expect(store.acquires).toHaveLength(1);
  });

  test("stop() reports the loss, releases, and leaves no timer and no subscription", async () => {
    const { clock, store, elector, changes, lead } = stage();
    await lead();
    const stopped = elector.stop();
    expect(elector.isLeader()).toBe(false);
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(last(store.releases).request.nonce).toBe(last(store.acquires).request.nonce);
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    expect(clock.armed).toBe(0);
    expect(store.watchers.size).toBe(0);
  });

  test("stop() twice is one stop", async () => {
    const { store, elector, lead } = stage();
    await lead();
    const both = Promise.all([elector.stop(), elector.stop()]);
    last(store.releases).answer({ released: true });
    expect(await both).toEqual(["confirmed", "confirmed"]);
    expect(store.releases).toHaveLength(1);
  });

  test("stop() during an acquire in flight gives the late grant back and reports no term", async () => {
    const { clock, store, elector, changes } = stage();
    await elector.start();
    const stopped = elector.stop();
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    expect(changes).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  test("stop() gives up a renewal in flight before it releases, and that is no error", async () => {
    const { clock, store, elector, lead } = stage();
    const errors: unknown[] = [];
    elector.on("storeError", (error) => errors.push(error));
    await lead();
    await clock.advance(300);
    const { signal } = last(store.renews).request;
    expect(signal.aborted).toBe(false);
    const stopped = elector.stop();
    // A store that was about to send it again, to a server that has forgotten the lease, would revive it.
    expect(signal.aborted).toBe(true);
    await settle();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    expect(errors).toEqual([]);
  });

  test("a term that was superseded gives up its other renewals before it releases", async () => {
    const { clock, store, lead } = stage();
    await lead();
    await clock.advance(300);
    const slow = last(store.renews);
    await clock.advance(150);
    const answered = last(store.renews);
    expect(answered).not.toBe(slow);
    answered.answer({ renewed: false, reason: "superseded" });
    await settle();
    await clock.advance(0);
    expect(store.releases).toHaveLength(1);
    // A store that has yet to send it, to a server that has forgotten the lease, would revive it.
    expect(slow.request.signal.aborted).toBe(true);
  });

  test("start() in the callback of the loss that a stop reports is refused", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const refused: unknown[] = [];
    elector.onLeadershipChange((isLeader) => {
      if (!isLeader) elector.start().catch(({ code }) => refused.push(code));
    });
    clock.block(3000); // The lease has ended by itself, so the stop has nothing to wait for.
    expect(await elector.stop()).toBe("none");
    expect(refused).toEqual(["INCUMBENT_ALREADY_STARTED"]);
    expect(store.watchers.size).toBe(0);
    expect(clock.armed).toBe(0);
    await elector.start();
    expect(store.acquires).toHaveLength(2);
  });

  test("stop() with a store that never answers says so after one renewal interval", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const stopped = elector.stop();
    await clock.advance(300);
    expect(await stopped).toBe("unconfirmed");
    expect(clock.armed).toBe(0);
    const asked = store.releases.length;
    await clock.advance(10_000);
    expect(store.releases).toHaveLength(asked);
  });

  test("stop() resolves also when a pause has outlived the time to try again", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const stopped = elector.stop();
    last(store.releases).fail(new Error("gone"));
    await settle();
    clock.block(3000);
    await clock.advance(0);
    expect(await stopped).toBe("unconfirmed");
    expect(store.releases).toHaveLength(1);
    expect(clock.armed).toBe(0);
  });

  test("stop() while it is stopping is the same stop", async () => {
    const { store, elector, lead } = stage();
    await lead();
    const stopping = elector.stop();
    expect(elector.stop()).toBe(stopping);
    last(store.releases).answer({ released: true });
    expect(await stopping).toBe("confirmed");
    expect(store.releases).toHaveLength(1);
  });

  test("stop() while a renewal is in flight forgets the renewal", async () => {
    const { clock, store, elector, changes, lead } = stage();
    const errors: unknown[] = [];
    elector.on("storeError", (event) => errors.push(event));
    await lead();
    await clock.advance(300);
    const stopped = elector.stop();
    last(store.releases).answer({ released: true });
    await stopped;
    last(store.renews).answer({ renewed: true });
    await clock.advance(5000);
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(errors).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  test("a crowd that waits for leadership makes no noise", async () => {
    const { elector } = stage();
    const warnings = warningsHeard();
    const crowd = Array.from({ length: 20 }, () => elector.waitForLeadership());
    const refused = Promise.allSettled(crowd);
    await elector.stop();
    expect((await refused).map(({ status }) => status)).toEqual(crowd.map(() => "rejected"));
    await settle();
    expect(warnings).toEqual([]);
  });

  test("one signal may stop a crowd of electors, without a noise", async () => {
    const warnings = warningsHeard();
    const shutdown = new AbortController();
    const crowd = Array.from({ length: 20 }, () => new Elector(new MemoryStore(), "job"));
    for (const elector of crowd) await elector.start({ signal: shutdown.signal });
    await Promise.all(crowd.map((elector) => elector.waitForLeadership()));
    shutdown.abort();
    expect(crowd.filter((elector) => elector.isLeader())).toEqual([]);
    await Promise.all(crowd.map((elector) => elector.stop()));
    await settle();
    expect(warnings).toEqual([]);
  });

  test("a second start is a clear error, also while stopping", async () => {
    const { store, elector, lead } = stage();
    await lead();
    const again = (doing: string) => ({
      code: "INCUMBENT_ALREADY_STARTED",
      message: `The elector of "job" ${doing}; start it once, or again after stop() has resolved.`,
    });
    await expect(elector.start()).rejects.toMatchObject(again("has started"));
    const stopped = elector.stop();
    await expect(elector.start()).rejects.toMatchObject(again("is stopping"));
    last(store.releases).answer({ released: true });
    await stopped;
    await elector.start();
    expect(store.acquires).toHaveLength(2);
  });

  test("a start right behind the stop of an elector that did nothing is refused as well", async () => {
    const { store, elector } = stage();
    const stopped = elector.stop();
    await expect(elector.start()).rejects.toThrow(/is stopping/);
    await stopped;
    await elector.start();
    expect([store.acquires.length, store.watchers.size]).toEqual([1, 1]);
  });

  test("the signal of an earlier life stops nothing", async () => {
    const { store, elector, lead } = stage();
    const earlier = new AbortController();
    await elector.start({ signal: earlier.signal });
    const stopped = elector.stop();
    last(store.acquires).answer(held(100));
    await stopped;
    await elector.start();
    await lead();
    earlier.abort();
    expect(elector.isLeader()).toBe(true);
  });

  test("an aborted signal stops the elector; one aborted before starts nothing", async () => {
    const { store, elector, changes, lead } = stage();
    const controller = new AbortController();
    await elector.start({ signal: controller.signal });
    await lead();
    controller.abort();
    expect(changes).toEqual(["gain 7", "loss 7"]);
    last(store.releases).answer({ released: true });
    await settle();
    await expect(elector.start({ signal: controller.signal })).rejects.toBe(
      controller.signal.reason,
    );
    expect(store.acquires).toHaveLength(1);
  });

  test("await using stops the elector at the end of the block", async () => {
    const { store, elector, changes } = stage();
    {
      await using held = elector;
      await held.start();
      last(store.acquires).answer(granted(7));
      await settle();
      setImmediate(() => last(store.releases).answer({ released: true }));
    }
    expect(changes).toEqual(["gain 7", "loss 7"]);
  });

  test("an elector can be started again after it has stopped", async () => {
    const { store, elector, changes, lead } = stage();
    await lead(7);
    const stopped = elector.stop();
    last(store.releases).answer({ released: true });
    await stopped;
    await elector.start();
    last(store.acquires).answer(granted(8));
    await settle();
    expect(changes).toEqual(["gain 7", "loss 7", "gain 8"]);
  });
});

describe("G4: fast failover", () => {
  test("a refused candidate asks again exactly when the lease ends", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    last(store.acquires).answer(held(640));
    await clock.advance(639);
    expect(store.acquires).toHaveLength(1);
    await clock.advance(1);
    expect(store.acquires).toHaveLength(2);
  });

  test("a release wakes it at once, also one that comes during an attempt", async () => {
    const { store, elector } = stage();
    await elector.start();
    last(store.acquires).answer(held(640));
    await settle();
    store.hint("released");
    expect(store.acquires).toHaveLength(2);
    store.hint("released");
    last(store.acquires).answer(held(640));
    await settle();
    expect(store.acquires).toHaveLength(3);
  });

  test("a store that hears of nothing is looked at three times a ttl", async () => {
    const { clock, store, elector } = stage({}, unwatched());
    await elector.start();
    last(store.acquires).answer(held(640));
    await clock.advance(333);
    expect(store.acquires).toHaveLength(1);
    await clock.advance(1);
    expect(store.acquires).toHaveLength(2);
  });

  test("that another was elected or has renewed is no reason to ask", async () => {
    const { store, elector } = stage();
    await elector.start();
    last(store.acquires).answer(held(640));
    await settle();
    store.hint("changed");
    expect(store.acquires).toHaveLength(1);
  });

  test("who resigned lets the others go first for one renewal interval", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const resigned = elector.resign();
    last(store.releases).answer({ released: true });
    expect(await resigned).toBe("confirmed");
    store.hint("released");
    await clock.advance(299);
    expect(store.acquires).toHaveLength(1);
    await clock.advance(1);
    expect(store.acquires).toHaveLength(2);
  });

  test("resign() waits until the work has drained and the lease is released", async () => {
    const { store, elector, lead } = stage();
    await lead();
    let end = () => {};
    const led = elector.lead(() => new Promise<void>((resolve) => (end = resolve)));
    await settle();
    let departure: unknown;
    void elector.resign().then((how) => (departure = how));
    await settle();
    expect([departure, store.releases.length]).toEqual([undefined, 0]);
    end();
    await settle();
    last(store.releases).answer({ released: true });
    await settle();
    expect(departure).toBe("confirmed");
    led.catch(() => {});
    void elector.stop();
  });

  test("a stop at the moment at which a resignation gives up has an end of its own", async () => {
    const { clock, store, elector, lead } = stage({ drainTimeout: 1000 });
    await lead();
    elector.lead(() => new Promise(() => {})).catch(() => {});
    await settle();
    const resigned = elector.resign();
    clock.block(3000);
    const stopped = elector.stop();
    expect(await resigned).toBe("none");
    expect(await stopped).toBe("none");
    expect(store.releases).toHaveLength(0);
    expect(clock.armed).toBe(0);
  });

  test("resign() without a term resolves, also when the term has just run out", async () => {
    const { clock, elector, changes, lead } = stage();
    expect(await elector.resign()).toBe("none");
    await lead();
    clock.block(900);
    expect(await elector.resign()).toBe("none");
    expect(changes).toEqual(["gain 7", "loss 7"]);
  });
});
