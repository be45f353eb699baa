import { describe, expect, test } from "vitest";
import type { Term } from "../../src/elector/terms/term.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, held, last, stage } from "./stage.ts";

/** Work that a test settles by hand, one run after the other. */
function work<T>() {
  const runs: { term: Term; resolve(value: T): void; reject(error: unknown): void }[] = [];
  const run = (term: Term) =>
    new Promise<T>((resolve, reject) => {
      runs.push({ term, resolve, reject });
    });
  return { runs, run };
}

describe("lead", () => {
  test("starts the elector, runs the work, resigns and stops when it resolves", async () => {
    const { clock, store, elector, changes } = stage();
    const { runs, run } = work<string>();
    const led = elector.lead(run);
    await settle();
    last(store.acquires).answer(granted(7));
    await settle();
    expect(runs[0]?.term.token).toBe(7);
    runs[0]?.resolve("done");
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe("done");
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(clock.armed).toBe(0);
  });

  test("resigns and rejects when the work throws; the elector that was started before goes on", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const led = elector.lead(async () => {
      throw new Error("boom");
    });
    led.catch(() => {});
    await settle();
    last(store.releases).answer({ released: true });
    await expect(led).rejects.toThrow("boom");
    await clock.advance(300);
    expect(store.acquires).toHaveLength(2);
  });

  test("on loss aborts the signal, waits for the work to settle, then campaigns and runs it again", async () => {
    const { clock, store, elector } = stage();
    const { runs, run } = work<string>();
    const led = elector.lead(run);
    await settle();
    last(store.acquires).answer(granted(7));
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    expect(runs[0]?.term.signal.aborted).toBe(true);
    await clock.advance(5000);
    expect(store.acquires).toHaveLength(1);
    runs[0]?.reject(runs[0].term.signal.reason);
    await clock.advance(1);
    expect(store.acquires).toHaveLength(2);
    last(store.acquires).answer(granted(8));
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve("second");
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe("second");
  });

  test("renews while the work drains after stop(), then releases", async () => {
    const { clock, store, elector, changes } = stage();
    const { runs, run } = work<void>();
    const led = elector.lead(run);
    const stopsLed = expect(led).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await settle();
    last(store.acquires).answer(granted(7));
    await settle();
    const stopped = elector.stop();
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(runs[0]?.term.signal.aborted).toBe(true);
    await clock.advance(300);
    expect(store.renews).toHaveLength(1);
    expect(store.releases).toHaveLength(0);
    last(store.renews).answer({ renewed: true });
    runs[0]?.resolve();
    await settle();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    await stopsLed;
  });

  test("waits for work that does not drain no longer than drainTimeout", async () => {
    const { clock, store, elector } = stage({ drainTimeout: 500 });
    const late: unknown[] = [];
    elector.on("drainTimeout", (event) => late.push(event.term.token));
    const { runs, run } = work<void>();
    const led = elector.lead(run);
    const stopsLed = expect(led).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await settle();
    last(store.acquires).answer(granted(7));
    await settle();
    const stopped = elector.stop();
    await clock.advance(500);
    last(store.releases).answer({ released: true });
    await stopped;
    expect(late).toEqual([7]);
    runs[0]?.resolve();
    await stopsLed;
  });

  test("an aborted signal ends the term, waits for the work and rejects with the reason", async () => {
    const { store, elector } = stage();
    const { runs, run } = work<void>();
    const controller = new AbortController();
    const led = elector.lead(run, { signal: controller.signal });
    const aborted = expect(led).rejects.toBe("enough");
    await settle();
    last(store.acquires).answer(granted(7));
    await settle();
    controller.abort("enough");
    expect(runs[0]?.term.signal.reason).toMatchObject({ reason: "resigned" });
    runs[0]?.resolve();
    await settle();
    last(store.releases).answer({ released: true });
    await aborted;
  });

  test("one run at a time: a second lead is a clear error", async () => {
    const { store, elector } = stage();
    const { runs, run } = work<void>();
    const first = elector.lead(run);
    await settle();
    await expect(elector.lead(run)).rejects.toMatchObject({
      code: "INCUMBENT_ALREADY_LEADING",
      message: 'lead() of "job" is under way; one run of the work at a time.',
    });
    last(store.acquires).answer(granted(7));
    await settle();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await settle();
    last(store.releases).answer({ released: true });
    await first;
    const second = elector.lead(run);
    await settle();
    last(store.acquires).answer(granted(8));
    await settle();
    expect(runs[1]?.term.token).toBe(8);
    runs[1]?.resolve();
    await settle();
    last(store.releases).answer({ released: true });
    await second;
  });

  test("an error of work that had lost its term is reported, not thrown", async () => {
    const { clock, store, elector } = stage();
    const reported: unknown[] = [];
    elector.on("callbackError", ({ error }) => reported.push(error));
    const { runs, run } = work<void>();
    void elector.lead(run).catch(() => {});
    await settle();
    last(store.acquires).answer(granted(7));
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    runs[0]?.reject(new Error("half done"));
    await settle();
    expect(reported).toEqual([new Error("half done")]);
  });

  test("that work ends because its term was lost is no news, however it ends", async () => {
    const { clock, store, elector, lead } = stage();
    const reported: unknown[] = [];
    elector.on("callbackError", ({ error }) => reported.push(error));
    const { runs, run } = work<void>();
    await lead();
    void elector.lead(run).catch(() => {});
    const ends = [
      () => runs[0]?.resolve(),
      () => runs[1]?.reject(runs[1].term.signal.reason),
      () => runs[2]?.reject(new DOMException("This operation was aborted", "AbortError")),
    ];
    for (const end of ends) {
      await clock.advance(300);
      last(store.renews).answer({ renewed: false, reason: "superseded" });
      await settle();
      end();
      await clock.advance(1);
      last(store.acquires).answer(granted(7 + runs.length));
      await settle();
    }
    expect(runs).toHaveLength(4);
    expect(reported).toEqual([]);
  });

  test("work does not begin in a term that has ended before it could", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    void elector.waitForLeadership().then(() => elector.resign());
    const { runs, run } = work<void>();
    void elector.lead(run);
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    await clock.advance(300);
    last(store.acquires).answer(granted(8));
    await settle();
    expect(runs.map(({ term }) => term.token)).toEqual([8]);
  });

  test("an aborted signal ends the waiting; the elector that was started before goes on", async () => {
    const { clock, store, elector } = stage();
    await elector.start();
    const { runs, run } = work<void>();
    const controller = new AbortController();
    const led = expect(elector.lead(run, { signal: controller.signal })).rejects.toBe("enough");
    await settle();
    controller.abort("enough");
    await led;
    last(store.acquires).answer(held(100));
    await clock.advance(100);
    last(store.acquires).answer(granted(7));
    await settle();
    expect([elector.isLeader(), runs.length]).toEqual([true, 0]);
  });

  test("a signal that is aborted after lead() has ended ends no later term", async () => {
    const { clock, store, elector, lead } = stage();
    await lead();
    const { runs, run } = work<string>();
    const controller = new AbortController();
    const led = elector.lead(run, { signal: controller.signal });
    await settle();
    runs[0]?.resolve("done");
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe("done");
    await clock.advance(300);
    last(store.acquires).answer(granted(8));
    await settle();
    controller.abort();
    expect(elector.term?.token).toBe(8);
  });

  test("is refused while the elector stops, even if that had nothing to do", async () => {
    const { store, elector } = stage();
    const stopped = elector.stop();
    const { run } = work<void>();
    await expect(elector.lead(run)).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await stopped;
    expect(store.acquires).toEqual([]);
  });
});
