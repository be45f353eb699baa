import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { LeaseRecord } from "../../../src/stores/lease-store.ts";
import { settle } from "../../support/manual-clock.ts";
import { granted, last, stage } from "../stage.ts";

/** An elector with what it reports of terms: `vacancy` at their beginning, `lasted` at their end. */
function timed() {
  const on = stage();
  const times: (string | number | undefined)[] = [];
  on.elector.on("elected", ({ vacancy }) => times.push("vacant", vacancy));
  on.elector.on("deposed", ({ lasted }) => times.push("lasted", lasted));
  const refuse = async (expiresIn: number) => {
    const leader: LeaseRecord = { nodeId: "two", token: 5, since: 0, expiresIn, metadata: "" };
    const retryIn = expiresIn;
    last(on.store.acquires).answer({ granted: false, reason: "held", leader, retryIn });
    await settle();
  };
  const grant = async (token = 7) => {
    last(on.store.acquires).answer(granted(token));
    await settle();
  };
  return { ...on, times, refuse, grant };
}

describe("a vacancy", () => {
  test("is unknown if no leader was seen before", async () => {
    const { times, lead } = timed();
    await lead();
    expect(times).toEqual(["vacant", undefined]);
  });

  test("begins at the end of the last lease that was seen, be it renewed often", async () => {
    const { clock, elector, times, refuse, grant } = timed();
    await elector.start();
    for (let renewals = 0; renewals < 3; renewals += 1) {
      await refuse(500);
      await clock.advance(500);
    }
    await clock.advance(40);
    await grant();
    expect(times).toEqual(["vacant", 40]);
  });

  test("is none if the successor comes in the moment that the lease ends", async () => {
    const { clock, elector, times, refuse, grant } = timed();
    await elector.start();
    await refuse(500);
    await clock.advance(500);
    await grant();
    expect(times).toEqual(["vacant", 0]);
  });

  test("begins at a release of which a hint came", async () => {
    const { clock, store, elector, times, refuse, grant } = timed();
    await elector.start();
    await refuse(500);
    await clock.advance(100);
    store.hint("released");
    await clock.advance(30);
    await grant();
    expect(times).toEqual(["vacant", 30]);
  });

  test("does not begin at a release that was not true", async () => {
    const { clock, store, elector, times, refuse, grant } = timed();
    await elector.start();
    await refuse(500);
    await clock.advance(100);
    store.hint("released");
    await refuse(400);
    await clock.advance(410);
    await grant();
    expect(times).toEqual(["vacant", 10]);
  });

  test("is unknown if a lease was given back without a hint", async () => {
    const { clock, store, elector, times, grant } = timed();
    await elector.start();
    const leader = { nodeId: "two", token: 5, since: 0, expiresIn: 900, metadata: undefined };
    last(store.acquires).answer({ granted: false, reason: "held", leader, retryIn: 300 });
    await clock.advance(300);
    await grant();
    expect(times).toEqual(["vacant", undefined]);
  });

  test("begins at the end of one's own term", async () => {
    const { clock, store, elector, times, lead, grant } = timed();
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(20);
    await grant(8);
    await clock.advance(299);
    void elector.resign();
    expect(times).toEqual(["vacant", undefined, "lasted", 300, "vacant", 20, "lasted", 299]);
  });

  test("is unknown after a stop, when others may have led unseen", async () => {
    const { clock, store, elector, times, lead, grant } = timed();
    await lead();
    const stopped = elector.stop();
    last(store.releases).answer({ released: true });
    await stopped;
    await clock.advance(60_000);
    await elector.start();
    await grant(8);
    expect(times).toEqual(["vacant", undefined, "lasted", 0, "vacant", undefined]);
  });
});

describe("a term", () => {
  test("lasts until it is lost, over its renewals", async () => {
    const { clock, store, elector, times, lead } = timed();
    await lead();
    for (let renewals = 0; renewals < 10; renewals += 1) {
      await clock.advance(300);
      last(store.renews).answer({ renewed: true });
      await settle();
    }
    await clock.advance(200);
    void elector.resign();
    expect(times).toEqual(["vacant", undefined, "lasted", 3200]);
  });

  test("that a pause has outlived lasted until its deadline", async () => {
    const { clock, times, lead } = timed();
    await lead();
    clock.block(60_000);
    await clock.advance(0);
    expect(times).toEqual(["vacant", undefined, "lasted", 900]);
  });

  test("that a callback has outlived lasted until its deadline", async () => {
    const { clock, elector, times, lead } = timed();
    elector.onLeadershipChange((isLeader) => {
      if (isLeader) clock.block(60_000);
    });
    await lead();
    await clock.advance(0);
    expect(times).toEqual(["vacant", undefined, "lasted", 900]);
  });
});

test("a failed request is reported with the time that it took", async () => {
  const { clock, store, elector, lead } = stage();
  const failures: (string | number)[] = [];
  elector.on("storeError", ({ operation, took }) => failures.push(operation, took));
  await elector.start();
  await clock.advance(20);
  last(store.acquires).fail(new StoreError("INCUMBENT_STORE_REFUSED", "no", { applied: "no" }));
  await clock.advance(50);
  await lead();
  await clock.advance(310);
  last(store.renews).fail(new Error("gone"));
  await settle();
  expect(failures).toEqual(["acquire", 20, "renew", 10]);
});
