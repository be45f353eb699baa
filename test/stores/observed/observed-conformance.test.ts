import { describe, test } from "vitest";
import { checkStore, type StoreCapabilities, type StoreSetup } from "../../../src/conformance.ts";
import { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import type { Register } from "../../../src/stores/observed/register.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { MemoryRegister, Shelf } from "../../support/memory-register.ts";

const HOUR = 3_600_000;
const EPOCH = 1_770_000_000_000;
const capabilities: StoreCapabilities = {
  ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
  ...{ wakeUp: true, keys: true, survivesRestart: true },
};

/** Without the guard: the kit takes the lease of an election that never was at once. */
const settings = {
  traits: { name: "observed", exclusion: "strict", tokens: "clock" },
  restartGuard: false,
} as const;

function setUp(
  registerOf: (shelf: Shelf) => Register,
  now: () => number,
  pass?: (ms: number) => Promise<void>,
): StoreSetup {
  const shelf = new Shelf();
  const open = (ahead: number) => {
    const time = { now, wall: () => EPOCH + ahead + now() };
    return new ObservedStore(registerOf(shelf), settings, time);
  };
  return {
    time: pass && { now, pass },
    open: () => open(0),
    openAhead: () => open(HOUR),
    loseData: () => shelf.cells.clear(),
  };
}

function byHand(registerOf: (shelf: Shelf) => Register): StoreSetup {
  const clock = new ManualClock();
  return setUp(
    registerOf,
    () => clock.now(),
    (ms) => clock.advance(ms),
  );
}

describe("an observed store", () => {
  checkStore(test, { setUp: () => byHand((shelf) => new MemoryRegister(shelf)), capabilities });
});

describe("an observed store without push", () => {
  checkStore(test, {
    setUp: () =>
      byHand((shelf) => {
        const register = new MemoryRegister(shelf);
        return {
          read: (key) => register.read(key),
          compareAndSet: (key, seen, record) => register.compareAndSet(key, seen, record),
          close: () => register.close(),
        };
      }),
    capabilities: { ...capabilities, wakeUp: false, keys: false },
  });
});

describe("an observed store in real time", () => {
  checkStore(test, {
    setUp: () =>
      setUp(
        (shelf) => new MemoryRegister(shelf),
        () => performance.now(),
      ),
    capabilities,
  });
});
