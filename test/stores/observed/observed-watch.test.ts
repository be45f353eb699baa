import { describe, expect, test } from "vitest";
import { IncumbentError, StoreError } from "../../../src/errors.ts";
import type { CellListener } from "../../../src/stores/observed/register.ts";
import { settle } from "../../support/manual-clock.ts";
import { Bench, granted, KEY, LONGEST, ledElection, refusedAs, TTL } from "./bench.ts";

/** A store that watches an election with a leader, and the hints that it has emitted since. */
async function watched(restartGuard = true) {
  const { bench, store, leader } = await ledElection();
  const rival = bench.open(restartGuard);
  const hints: string[] = [];
  const unwatch = rival.store.watch?.(KEY, (hint) => hints.push(hint)) ?? (() => {});
  await settle();
  hints.length = 0;
  return { bench, store, leader, rival, hints, unwatch };
}

/** The leader's lease is released, and no event of it comes. */
function releaseUnseen(bench: Bench): void {
  const { version, record } = bench.shelf.cell(KEY);
  if (record === undefined) throw new Error("there is no lease");
  const free = { ...record, nonce: "", seq: record.seq + 1 };
  bench.shelf.cells.set(KEY, { version: `${version}+`, record: free });
}

describe("a watch emits", () => {
  test("nothing for a renewal, and a change if it shows another node or other metadata", async () => {
    const { store, leader, hints } = await watched();
    await store.renew(leader);
    await settle();
    expect(hints).toEqual([]);
    await store.renew({ ...leader, nodeId: "renamed" });
    await settle();
    expect(hints).toEqual(["changed"]);
    await store.renew({ ...leader, nodeId: "renamed", metadata: "moved" });
    await settle();
    expect(hints).toEqual(["changed", "changed"]);
  });

  test("a change if another leads when it begins than the one that was seen before", async () => {
    const { bench, store, leader } = await ledElection();
    const reader = bench.open().store;
    await reader.read(bench.attempt());
    await store.release(leader);
    await bench.open().store.acquire(bench.attempt());
    const hints: string[] = [];
    reader.watch?.(KEY, (hint) => hints.push(hint));
    await settle();
    expect(hints).toEqual(["changed"]);
  });

  test("a release if the record vanishes", async () => {
    const { bench, hints } = await watched();
    bench.shelf.put(KEY, undefined);
    await settle();
    expect(hints).toEqual(["released"]);
  });

  test("a release once, however often the register reports it", async () => {
    const { bench, store, leader, hints } = await watched();
    await store.release(leader);
    bench.shelf.publish(KEY);
    bench.shelf.publish(KEY);
    await settle();
    expect(hints).toEqual(["released"]);
  });

  test("a release when it goes on after an interruption, since one may have been missed", async () => {
    const { bench, hints } = await watched();
    bench.shelf.interrupt(KEY);
    await settle();
    expect(hints).toEqual([]);
    bench.shelf.publish(KEY);
    bench.shelf.publish(KEY);
    await settle();
    expect(hints).toEqual(["released"]);
  });
});

describe("those who watch one election", () => {
  test("share one watch of the register, which ends with the last of them", async () => {
    const { bench, store, leader, rival, hints, unwatch } = await watched();
    const others: string[] = [];
    const leave = rival.store.watch?.(KEY, (hint) => others.push(hint));
    expect(bench.shelf.listeners.get(KEY)?.size).toBe(1);
    leave?.();
    leave?.();
    await store.release(leader);
    await settle();
    expect([hints, others]).toEqual([["released"], []]);
    unwatch();
    expect(bench.shelf.listeners.get(KEY)?.size).toBe(0);
  });

  test("hear nothing more when one of them has made them leave", async () => {
    const { bench, store, leader } = await ledElection();
    const rival = bench.open().store;
    const hints: string[] = [];
    let leave: (() => void) | undefined;
    rival.watch?.(KEY, () => leave?.());
    leave = rival.watch?.(KEY, (hint) => hints.push(hint));
    await store.release(leader);
    await settle();
    expect(hints).toEqual([]);
  });
});

describe("a store that watches no more", () => {
  test("looks at the register before it answers", async () => {
    const { bench, rival, unwatch } = await watched(false);
    unwatch();
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    releaseUnseen(bench);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });

  test("waits for one ttl more, as the lease may have been renewed and set back meanwhile", async () => {
    const { bench, rival, unwatch } = await watched();
    unwatch();
    await bench.clock.advance(LONGEST);
    expect(await rival.store.acquire(bench.attempt())).toMatchObject({ retryIn: LONGEST });
  });

  test("knows a record from the past, since it remembers the one that it saw last", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    await bench.open().store.acquire(bench.attempt());
    const rival = bench.open().store;
    const unwatch = rival.watch?.(KEY, () => {});
    await settle();
    unwatch?.();
    bench.shelf.cells.set(KEY, free);
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
  });

  test("remembers that its watch was interrupted before", async () => {
    const { bench, store, leader, rival, unwatch } = await watched();
    await store.release(leader);
    await settle();
    bench.shelf.interrupt(KEY);
    unwatch();
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
  });
});

describe("while its watch is interrupted, a store", () => {
  test("elects no process for one ttl, though the record that it knows says that the lease is free", async () => {
    const { bench, store, leader, rival } = await watched();
    await store.release(leader);
    await settle();
    bench.shelf.interrupt(KEY);
    expect(await rival.store.acquire(bench.attempt())).toMatchObject({
      ...{ reason: "quarantine", retryIn: LONGEST },
    });
    await bench.clock.advance(LONGEST);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });

  test("looks at the register before each answer", async () => {
    const { bench, rival } = await watched(false);
    bench.shelf.interrupt(KEY);
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    releaseUnseen(bench);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });
});

describe("a store that is closed", () => {
  test("watches nothing, and closes its register", async () => {
    const { bench, rival } = await watched();
    let closes = 0;
    rival.register.close = async () => {
      closes += 1;
    };
    await rival.store.close();
    expect([closes, bench.shelf.listeners.get(KEY)?.size]).toEqual([1, 0]);
  });

  test("and asked again, watches what is still listened to, and nothing else", async () => {
    const { bench, store, leader, rival, hints } = await watched();
    await rival.store.acquire(bench.attempt({ key: "unwatched" }));
    await rival.store.close();
    const begun: string[] = [];
    const watch = rival.register.watch.bind(rival.register);
    rival.register.watch = (key: string, listener: CellListener) => {
      begun.push(key);
      return watch(key, listener);
    };
    await rival.store.read(bench.attempt());
    await rival.store.read(bench.attempt());
    await settle();
    expect(begun).toEqual([KEY]);
    hints.length = 0;
    await store.release(leader);
    await settle();
    expect(hints).toEqual(["released"]);
  });
});

describe("a request that fails", () => {
  const failing = (code: ConstructorParameters<typeof StoreError>[0]) => async () => {
    throw new StoreError(code, "it failed", { applied: "no" });
  };

  /** Whether a lease may be taken one ttl after it was seen, if a look has failed meanwhile. */
  async function takes(
    code: ConstructorParameters<typeof StoreError>[0],
    isWatched: boolean,
    abandoned?: AbortSignal,
  ) {
    const { bench } = await ledElection();
    const rival = bench.open();
    if (isWatched) rival.store.watch?.(KEY, () => {});
    await rival.store.read(bench.attempt());
    await bench.clock.advance(TTL / 2);
    const read = rival.register.read.bind(rival.register);
    rival.register.read = failing(code);
    const asked = { ...bench.attempt(), ...(abandoned !== undefined && { signal: abandoned }) };
    await expect(rival.store.read(asked)).rejects.toMatchObject({ code });
    rival.register.read = read;
    await bench.clock.advance(LONGEST - TTL / 2);
    return rival.store.acquire(bench.attempt());
  }

  test.each(["INCUMBENT_STORE_UNAVAILABLE", "INCUMBENT_STORE_TIMEOUT"] as const)(
    "with %s may be the sign of a register that was set back, if it is not watched",
    async (code) => {
      expect(await takes(code, false)).toMatchObject({ granted: false, retryIn: LONGEST });
      expect(await takes(code, true)).toEqual(granted);
    },
  );

  test("is none if it was abandoned because its elector has stopped", async () => {
    const stopped = new IncumbentError("INCUMBENT_STOPPED", "The elector was stopped.");
    const signal = AbortSignal.abort(stopped);
    expect(await takes("INCUMBENT_STORE_UNAVAILABLE", false, signal)).toEqual(granted);
  });

  test("with another error is none", async () => {
    expect(await takes("INCUMBENT_STORE_REFUSED", false)).toEqual(granted);
  });
});
