import { describe, expect, test } from "vitest";
import {
  asStoreError,
  IncumbentError,
  isIncumbentError,
  LeadershipLostError,
  StoreError,
} from "../src/errors.ts";

describe("errors", () => {
  test("are recognised also when they come from another copy of the package", () => {
    const foreign = Object.defineProperty(new Error("x"), Symbol.for("incumbent.error"), {
      value: true,
    });
    expect(isIncumbentError(foreign)).toBe(true);
    expect(isIncumbentError(new LeadershipLostError("job", "expired"))).toBe(true);
    expect(isIncumbentError(new Error("x"))).toBe(false);
    expect(isIncumbentError(undefined)).toBe(false);
  });

  test("carry the name of their class, a code and a cause", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new StoreError("INCUMBENT_STORE_UNAVAILABLE", "no", { cause, applied: "no" });
    expect(error).toBeInstanceOf(IncumbentError);
    expect([error.name, error.code, error.applied]).toEqual([
      ...["StoreError", "INCUMBENT_STORE_UNAVAILABLE", "no"],
    ]);
    expect(error.cause).toBe(cause);
  });

  test("a failure of unknown kind may have been applied", () => {
    const error = asStoreError(new TypeError("boom"));
    expect([error.code, error.applied]).toEqual(["INCUMBENT_STORE_UNAVAILABLE", "maybe"]);
    expect(asStoreError(error)).toBe(error);
    expect(asStoreError("text").message).toContain("text");
    const other = new LeadershipLostError("job", "expired"); // Of this package, and not of a store.
    expect(asStoreError(other)).toMatchObject({ applied: "maybe", cause: other });
  });
});
