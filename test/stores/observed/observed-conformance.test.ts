import { describe, test } from "vitest";
import { checkStore, type StoreSetup } from "../../../src/conformance.ts";
import type { Register } from "../../../src/stores/observed/register.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { MemoryRegister, type Shelf } from "../../support/memory-register.ts";
import { capabilities, setUp } from "./conformance-setup.ts";

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
