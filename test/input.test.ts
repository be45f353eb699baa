import { describe, expect, test } from "vitest";
import { invalid, nearest, rejectUnknown, show, withoutPassword } from "../src/input.ts";

describe("bad input", () => {
  test("is shown short, and without passwords", () => {
    expect(show("x".repeat(200))).toMatch(/^"x{79}… \(202 characters\)$/);
    expect(show("redis://me:s3cr@t/x@host:1/0")).toBe('"redis://me:***@host:1/0"');
    expect(show("redis://:p%40ss@host")).toBe('"redis://:***@host"');
    expect(show([1])).toBe("an array");
    expect(show(new Map())).toBe("an object of Map");
    expect(show(Object.create(null))).toBe("an object of no class");
    expect(show(() => 1)).toBe("a function");
  });

  test.each([
    ["redis://host:6379/0", "redis://host:6379/0"],
    ["redis://user@host", "redis://user@host"],
    ["failed: redis://a:b@c and redis://d:e@f", "failed: redis://a:***@c and redis://d:***@f"],
  ])("withoutPassword(%s)", (text, harmless) => {
    expect(withoutPassword(text)).toBe(harmless);
  });

  test("names the rule, the value and what is usual", () => {
    const error = invalid({ name: "ttl", rule: "must be more", value: 1, usual: "10" });
    expect(error.message).toBe("ttl must be more; got 1. Usual: 10.");
    expect(error.code).toBe("INCUMBENT_INVALID_OPTION");
  });

  test("suggests a name that is near, and none that is far", () => {
    const known = ["ttl", "renewalInterval", "nodeId"];
    expect(nearest("renewalinterval", known)).toBe("renewalInterval");
    expect(nearest("tll", known)).toBe("ttl");
    expect(nearest("colour", known)).toBeUndefined();
    expect(() => rejectUnknown("option", { nodeID: "x" }, known)).toThrow(/did you mean "nodeId"/);
    expect(() => rejectUnknown("option", { ttl: 1 }, known)).not.toThrow();
  });
});
