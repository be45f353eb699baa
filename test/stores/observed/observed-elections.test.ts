import { describe, expect, test } from "vitest";
import { ObservedElection } from "../../../src/stores/observed/observed-election.ts";
import { ObservedElections } from "../../../src/stores/observed/observed-elections.ts";
import type { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import { Bench, type FaultyRegister, granted, TTL } from "./bench.ts";

/** The store, and the elections that it has forgotten. */
function openForgetful(bench: Bench): {
  store: ObservedStore;
  register: FaultyRegister;
  forgotten: string[];
} {
  const { store, register } = bench.open(false);
  const forgotten: string[] = [];
  Object.assign(register, { forget: (key: string) => forgotten.push(key) });
  return { store, register, forgotten };
}

/** Elections that a process takes part in once. */
async function passBy(bench: Bench, store: ObservedStore, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 1) {
    const attempt = bench.attempt({ key: `occasion-${number}` });
    await store.acquire(attempt);
    await store.release(attempt);
    await bench.clock.advance(TTL);
  }
}

describe("the elections that a store remembers", () => {
  test("are a few of the thousand that it was asked for once", async () => {
    const bench = new Bench();
    const { store, forgotten } = openForgetful(bench);
    await passBy(bench, store, 0, 1000);
    // Ten are in use at a time.
    expect(forgotten.length).toBeGreaterThan(1000 - 40);
    expect(new Set(forgotten).size).toBe(forgotten.length);
  });

  test("include the one that is watched, and the one that is held", async () => {
    const bench = new Bench();
    const { store, register, forgotten } = openForgetful(bench);
    store.watch?.("watched", () => {});
    const held = bench.attempt({ key: "held", ttl: 3 * TTL });
    await store.acquire(held);
    for (let number = 0; number < 100; number += 1) {
      await passBy(bench, store, number, number + 1);
      expect(await store.renew({ ...held, notAfter: bench.clock.now() + TTL })).toEqual({
        renewed: true,
      });
    }
    register.reads = 0;
    await store.renew({ ...held, notAfter: bench.clock.now() + TTL });
    expect(register.reads).toBe(0);
    expect(forgotten.length).toBeGreaterThan(60);
    expect(forgotten).not.toContain("watched");
    expect(forgotten).not.toContain("held");
  });

  test("may be asked for again after they were forgotten", async () => {
    const bench = new Bench();
    const { store, forgotten } = openForgetful(bench);
    const first = bench.attempt({ key: "occasion-0" });
    const before = await store.acquire(first);
    await store.release(first);
    await passBy(bench, store, 1, 30);
    expect(forgotten).toContain("occasion-0");
    const again = await store.acquire(bench.attempt({ key: "occasion-0" }));
    if (!before.granted || !again.granted) throw new Error("refused");
    expect(again.token).toBeGreaterThan(before.token);
  });
});

describe("an election", () => {
  test("is remembered for ten of its ttls after it was asked for last", () => {
    const forgotten: string[] = [];
    const elections = new ObservedElections((key) => forgotten.push(key));
    elections.get("billing", 0).touch(0, 2000);
    elections.get("another", 19_999).touch(19_999);
    expect(forgotten).toEqual([]);
    elections.get("third", 20_000);
    expect(forgotten).toEqual(["billing"]);
  });

  test("is looked at with one other for each new one, so that no request waits for all", () => {
    const forgotten: string[] = [];
    const elections = new ObservedElections((key) => forgotten.push(key));
    for (let number = 0; number < 10; number += 1) elections.get(`${number}`, 0).touch(0);
    elections.get("later", 100_000);
    expect(forgotten).toHaveLength(2);
  });

  test("forgets an attempt that has sent nothing for ten ttls", () => {
    const election = new ObservedElection({ count: 0 });
    const attempt = election.attempt("nonce", 0, TTL);
    expect(election.attempt("nonce", 10 * TTL, TTL)).toBe(attempt);
    election.attempt("another", 20 * TTL, TTL);
    expect(election.attempt("nonce", 20 * TTL, TTL)).toBe(attempt);
    election.attempt("another", 30 * TTL + 1, TTL);
    expect(election.attempt("nonce", 30 * TTL + 1, TTL)).not.toBe(attempt);
  });
});

test("a register need not know what is forgotten", async () => {
  const bench = new Bench();
  const { store, register } = bench.open(false);
  await passBy(bench, store, 0, 30);
  expect(register).not.toHaveProperty("forget");
  expect(await store.acquire(bench.attempt({ key: "occasion-0" }))).toEqual(granted);
});
