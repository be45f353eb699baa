import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { eitherOf, onAbort } from "../../src/elector/either-signal.ts";

describe("a signal that follows others", () => {
  test("is aborted with the first of them, and for its reason", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const { signal } = eitherOf(one.signal, undefined, other.signal);
    other.abort("second");
    one.abort("first");
    expect(signal.reason).toBe("second");
    expect(eitherOf(one.signal).signal.reason).toBe("first");
  });

  test("leaves no more than one listener on a signal that lives long", () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 30; round += 1) eitherOf(signal);
    onAbort(signal, () => {})();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  });

  test("hears nothing after it has let go", () => {
    const controller = new AbortController();
    const { signal, dispose } = eitherOf(controller.signal);
    dispose();
    controller.abort();
    expect(signal.aborted).toBe(false);
  });
});
