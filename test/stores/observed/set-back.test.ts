import { describe, expect, test } from "vitest";
import { settle } from "../../support/manual-clock.ts";
import { Bench, granted, KEY, LONGEST, ledElection, refusedAs, TTL, unheard } from "./bench.ts";

describe("a record that is not there", () => {
  test("stands for a lease of one ttl that began when it was missed", async () => {
    const bench = new Bench();
    const { store } = bench.open();
    const first = await store.acquire(bench.attempt());
    expect(first).toEqual(refusedAs("quarantine"));
    expect(first).toMatchObject({ retryIn: LONGEST });
    await bench.clock.advance(LONGEST - 1);
    expect(await store.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
    await bench.clock.advance(1);
    expect(await store.acquire(bench.attempt())).toEqual(granted);
  });

  test("is free without the guard", async () => {
    const bench = new Bench();
    expect(await bench.open(false).store.acquire(bench.attempt())).toEqual(granted);
  });

  test("is restored by its leader, while it may lead", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    const { token } = { token: 0, ...(await store.acquire(leader)) };
    bench.shelf.setBack(KEY, { version: "lost", record: undefined });
    expect(await store.renew(leader)).toEqual({ renewed: true });
    expect(bench.shelf.cell(KEY).record).toMatchObject({ nonce: leader.nonce, token });
    bench.shelf.setBack(KEY, { version: "lost again", record: undefined });
    await bench.clock.advance(TTL);
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(bench.shelf.cell(KEY).record).toBeUndefined();
  });

  test("is not restored after the release", async () => {
    const { bench, store, leader } = await ledElection();
    await store.release(leader);
    bench.shelf.setBack(KEY, { version: "lost", record: undefined });
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
  });
});

describe("a register that was set back", () => {
  test("elects no leader for one ttl, though its old record says that the lease is free", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    const rival = bench.open().store;
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("held"));
    bench.shelf.setBack(KEY, free);
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toEqual(granted);
  });

  test("is noticed by a store that watches, also if it is set back to what it knows", async () => {
    const { bench } = await ledElection();
    const rival = bench.open();
    rival.store.watch?.(KEY, () => {});
    await settle();
    const known = bench.shelf.cell(KEY);
    await bench.clock.advance(LONGEST - 1);
    // The renewal is forgotten before its event has come.
    const listeners = bench.shelf.listeners.get(KEY);
    bench.shelf.listeners.delete(KEY);
    bench.shelf.put(KEY, known.record && { ...known.record, seq: known.record.seq + 1 });
    bench.shelf.listeners.set(KEY, listeners ?? new Set());
    bench.shelf.setBack(KEY, known);
    await bench.clock.advance(1);
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    await bench.clock.advance(LONGEST);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });

  test("leaves the lease to the leader of the later term", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    bench.shelf.setBack(KEY, free);
    expect(await store.renew(leader)).toEqual({ renewed: true });
    // A later one is not overwritten.
    await store.release(leader);
    const next = bench.open().store;
    await next.acquire(bench.attempt());
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
  });

  test("leaves the lease to a successor that an earlier leader could not prevent", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    bench.shelf.setBack(KEY, free);
    await bench.clock.advance(1);
    const successor = bench.attempt();
    expect(await bench.open().store.acquire(successor)).toEqual(granted);
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(bench.shelf.cell(KEY).record?.nonce).toBe(successor.nonce);
  });

  test("and gives a version again, shows a candidate that does not watch another lease", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    await store.acquire(bench.attempt());
    const rival = bench.open().store;
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("held"));
    const { version, record } = bench.shelf.cell(KEY);
    bench.shelf.setBack(KEY, { version, record: record && { ...record, nonce: "another" } });
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toMatchObject({ retryIn: LONGEST });
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toEqual(granted);
  });

  test("keeps the lease that it knows again, though a candidate cleans up a write that would replace it", async () => {
    const { bench, store, leader } = await ledElection();
    const rival = bench.open();
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    const known = bench.shelf.cell(KEY);
    await bench.clock.advance(0.9 * TTL);
    await store.renew(leader);
    await bench.clock.advance(0.2 * TTL);
    const attempt = bench.attempt();
    rival.register.next = async () => {
      throw unheard();
    };
    await expect(rival.store.acquire(attempt)).rejects.toThrow("The connection broke.");
    bench.shelf.setBack(KEY, known);
    expect(await rival.store.release(attempt)).toEqual({ released: false });
    expect(bench.shelf.cell(KEY)).toEqual(known);
  });

  test("grants nothing for certain if it was set back while it was asked", async () => {
    const bench = new Bench();
    await bench.found();
    const rival = bench.open();
    rival.store.watch?.(KEY, () => {});
    await settle();
    rival.register.next = (carryOut) => {
      bench.shelf.interrupt(KEY);
      return carryOut();
    };
    const reply = await rival.store.acquire(bench.attempt());
    expect(reply).toMatchObject({ granted: false, reason: "quarantine", applied: "maybe" });
  });
});

describe("an answer that was overtaken", () => {
  test("is not taken for a register that was set back", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const old = await register.read(KEY);
    let answer: (cell: typeof old) => void = () => {};
    const read = register.read.bind(register);
    register.read = () => {
      register.read = read;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const looking = store.read(bench.attempt());
    await bench.clock.advance(1);
    const leader = bench.attempt();
    await store.acquire(leader);
    answer(old);
    await looking;
    await store.release(leader);
    expect(await store.acquire(bench.attempt())).toEqual(granted);
  });
});
