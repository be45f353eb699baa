import { describe, expect, test } from "vitest";
import { type FencedTerm, requireCurrent } from "../src/fenced-term.ts";
import { heldTerm, resignedTerm } from "./support/terms.ts";

describe("a term", () => {
  test("that goes on passes", () => {
    expect(() => requireCurrent(heldTerm(1))).not.toThrow();
  });

  test("that has ended is refused with the reason of its signal", () => {
    expect(() => requireCurrent(resignedTerm(1))).toThrow(
      expect.objectContaining({ name: "LeadershipLostError", reason: "resigned" }),
    );
  });

  test("whose lease ran out is refused before its signal is aborted", () => {
    const term = heldTerm(1, { remaining: () => 0 });
    expect(() => requireCurrent(term)).toThrow(expect.objectContaining({ reason: "expired" }));
  });

  test("whose signal was aborted by something else is refused all the same", () => {
    const term = heldTerm(1, { signal: AbortSignal.abort("stop") });
    expect(() => requireCurrent(term)).toThrow(expect.objectContaining({ reason: "expired" }));
  });

  test.each([undefined, null, 7, {}, heldTerm(1.5), { ...heldTerm(1), signal: undefined }])(
    "is not %s",
    (value) => {
      expect(() => requireCurrent(value as FencedTerm)).toThrow(
        expect.objectContaining({
          code: "INCUMBENT_INVALID_OPTION",
          message: expect.stringMatching(/^term must be a term of an elector/),
        }),
      );
    },
  );
});
