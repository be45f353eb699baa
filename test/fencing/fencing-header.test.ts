import { describe, expect, test } from "vitest";
import { fencingHeaders, tokenIn } from "../../src/fencing/fencing-header.ts";
import { heldTerm, resignedTerm } from "../support/terms.ts";

describe("the header", () => {
  test("has the token of the term, under the name that was given", () => {
    expect(fencingHeaders(heldTerm(7))).toEqual({ "fencing-token": "7" });
    expect(fencingHeaders(heldTerm(7), "X-Token")).toEqual({ "x-token": "7" });
  });

  test("is not made for a term that is over", () => {
    expect(() => fencingHeaders(resignedTerm(7))).toThrow(
      expect.objectContaining({ name: "LeadershipLostError", reason: "resigned" }),
    );
  });

  test.each(["", "a b", "a:b", "é", 7])("has no name like %j", (name) => {
    expect(() => fencingHeaders(heldTerm(7), name as string)).toThrow(
      /^header must be the name of an HTTP header.*"fencing-token"/,
    );
  });

  test.each(["0", "7", "1790000000000000", "9007199254740991"])("may say %s", (value) => {
    expect(tokenIn(value)).toBe(Number(value));
  });

  test.each([
    ...[undefined, "", " 7", "7, 8", "-1", "+7", "7.0", "7e3", "0x7", "٧", "NaN", "Infinity"],
    ...["9007199254740992", "90071992547409910", ["7", "8"], ["7"]],
  ])("does not say %j", (value) => {
    expect(tokenIn(value)).toBeUndefined();
  });
});
