import type { StoreCapabilities, StoreSetup } from "../../../src/conformance.ts";
import { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import type { Register } from "../../../src/stores/observed/register.ts";
import { Shelf } from "../../support/memory-register.ts";

const HOUR = 3_600_000;
const EPOCH = 1_770_000_000_000;
export const capabilities: StoreCapabilities = {
  ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
  ...{ wakeUp: true, keys: true, survivesRestart: true },
};

/** Without the guard: the kit takes the lease of an election that never was at once. */
const settings = {
  traits: { name: "observed", exclusion: "strict", tokens: "clock" },
  restartGuard: false,
} as const;

/** Stores on one shelf, by this clock; `pass` lets its time pass at once. */
export function setUp(
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
