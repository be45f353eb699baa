import { describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { MemoryStore } from "../../../src/stores/memory/memory-store.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("the memory store", () => {
  checkStore(test, {
    setUp: () => {
      const clock = new ManualClock();
      const time = { now: () => clock.now(), pass: (ms: number) => clock.advance(ms) };
      const open = () => new MemoryStore({ wallClock: time.now });
      let store = open();
      return {
        time,
        open: () => store,
        loseData: () => {
          store = open();
        },
      };
    },
    capabilities: { exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
  });
});
