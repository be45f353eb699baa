import { describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { MemoryStore } from "../../../src/stores/memory/memory-store.ts";

describe("the memory store in real time", () => {
  checkStore(test, {
    setUp: () => {
      const store = new MemoryStore();
      return { open: () => store, loseData: () => {} };
    },
    capabilities: { exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
  });
});
