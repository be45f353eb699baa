import { expect, test } from "vitest";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";
import { MemoryStore } from "../../../src/stores/memory/memory-store.ts";
import { crowd } from "./crowd.ts";

/** A server to which nothing happens. */
const serving = (open: () => LeaseStore) => ({
  open,
  cut: async () => {},
  restart: async () => {},
  lock: async () => async () => {},
  stop: async () => {},
});

const volume = { candidates: 10, rounds: 30, seed: 1 };

test("one winner each round is no violation", async () => {
  const store = new MemoryStore();
  const { violations, faults } = await crowd(
    serving(() => store),
    volume,
  );
  expect(violations).toEqual([]);
  expect(Object.values(faults).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
});

test("two winners are, and so is a token that does not grow", async () => {
  const stores = [new MemoryStore(), new MemoryStore({ wallClock: () => 1 })];
  let opened = 0;
  const open = () => {
    opened += 1;
    return stores[opened % 2] ?? new MemoryStore();
  };
  const { violations } = await crowd(serving(open), volume);
  expect(violations).toContain("round 0: 2 winners");
  expect(violations.length).toBeGreaterThan(volume.rounds);
});
