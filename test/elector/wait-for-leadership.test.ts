import { describe, expect, test } from "vitest";
import { settle } from "../support/manual-clock.ts";
import { granted, last, stage } from "./stage.ts";

describe("waitForLeadership", () => {
  test("resolves with the term, at once when leading", async () => {
    const { store, elector } = stage();
    const waiting = elector.waitForLeadership();
    await elector.start();
    last(store.acquires).answer(granted(7));
    expect((await waiting).token).toBe(7);
    expect((await elector.waitForLeadership()).token).toBe(7);
  });

  test("goes on waiting when a callback ends the term at once", async () => {
    const { clock, store, elector, lead } = stage();
    let first = true;
    elector.onLeadershipChange(() => {
      if (first) void elector.resign();
      first = false;
    });
    const waiting = elector.waitForLeadership();
    await lead(7);
    last(store.releases).answer({ released: true });
    await clock.advance(300);
    last(store.acquires).answer(granted(8));
    expect((await waiting).token).toBe(8);
  });

  test("rejects when the signal is aborted or the elector stops", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    const controller = new AbortController();
    const aborted = expect(elector.waitForLeadership({ signal: controller.signal })).rejects.toBe(
      "enough",
    );
    const stopped = expect(elector.waitForLeadership()).rejects.toMatchObject({
      code: "INCUMBENT_STOPPED",
      message: 'The elector of "job" was stopped.',
    });
    controller.abort("enough");
    await aborted;
    const stopping = elector.stop();
    last(store.acquires).fail(new Error("gone"));
    await settle();
    last(store.releases).answer({ released: true });
    // What has failed may still arrive until then, and is given back once more.
    await clock.advance(300);
    last(store.releases).answer({ released: true });
    await stopping;
    await stopped;
  });
});
