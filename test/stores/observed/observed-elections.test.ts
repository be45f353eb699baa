import { describe, expect, test } from "vitest";
import type { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import { Bench, type FaultyRegister, TTL } from "./bench.ts";

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
