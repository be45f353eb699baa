import { describe, expect, test } from "vitest";
import type { Cancellable } from "../../src/elector/cancellable.ts";
import type { Elector } from "../../src/elector/elector.ts";
import { stage } from "./stage.ts";

const methods: Record<string, (elector: Elector, options: Cancellable) => unknown> = {
  start: (elector, options) => elector.start(options),
  settled: (elector, options) => elector.settled(options),
  waitForLeadership: (elector, options) => elector.waitForLeadership(options),
  observe: async (elector, options) => elector.observe(options),
  lead: (elector, options) => elector.lead(() => {}, options),
};

describe.each(Object.keys(methods))("%s() refuses", (name) => {
  test.each([
    [
      "a signal in the place of the options, which would never end it",
      new AbortController().signal,
      "options must be an object that has the signal as a property; got an object of AbortSignal.",
    ],
    ["a signal that is none", { signal: 5000 }, "signal must be an AbortSignal; got 5000."],
    ["no object", null, "options must be an object; got null."],
    ["an option that it does not know", { timeout: 5000 }, 'option "timeout" is not known; got'],
  ])("%s", async (_, options, message) => {
    const { elector } = stage();
    const given = options as Cancellable; // What a caller without types may pass.
    await expect(methods[name]?.(elector, given)).rejects.toThrow(message);
    expect(elector.status.role).toBe("stopped");
  });
});
