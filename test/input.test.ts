import { describe, expect, test } from "vitest";
import {
  boundedText,
  invalid,
  nearest,
  rejectUnknown,
  show,
  visibleName,
  wholeNumber,
} from "../src/input.ts";

describe("bad input", () => {
  test("is shown short, and without passwords", () => {
    expect(show("x".repeat(200))).toMatch(/^"x{79}… \(202 characters\)$/);
    expect(show("redis://me:s3cr@t/x@host:1/0")).toBe('"redis://me:***@host:1/0"');
    expect(show("redis://:p%40ss@host")).toBe('"redis://:***@host"');
    expect(show([1])).toBe("an array");
    expect(show(Promise.resolve(1))).toBe("a promise, which has to be awaited first");
    expect(show(new Map())).toBe("an object of Map");
    expect(show(Object.create(null))).toBe("an object of no class");
    expect(show(() => 1)).toBe("a function");
  });

  test("is shown with what cannot be seen, also in the name of an option", () => {
    expect(show("job\u200b")).toBe('"job<U+200B>"');
    expect(show('a\n"\ud83d')).toBe('"a<U+000A>\\"<U+D83D>"');
    expect(show(`${"x".repeat(78)}😀${"x".repeat(100)}`)).toMatch(/^"x{78}.… \(182 characters\)$/);
    expect(() => rejectUnknown("option", { "ttl\u200b": 1 }, ["ttl"])).toThrow(
      'option "ttl<U+200B>" is not known; did you mean "ttl"?',
    );
  });

  test("names the rule, the value and an example", () => {
    const error = invalid({ name: "ttl", rule: "must be more", value: 1, example: "10" });
    expect(error.message).toBe("ttl must be more; got 1. Example: 10.");
    expect(error.code).toBe("INCUMBENT_INVALID_OPTION");
  });

  test("is a number beyond its bounds, and they are included", () => {
    const check = (value: unknown) => wholeNumber("n", value, { min: 1, max: 3, example: "2" });
    expect([1, 3].map(check)).toEqual([1, 3]);
    for (const value of [0, 4, 1.5, "2", undefined]) {
      expect(() => check(value)).toThrow(
        /^n must be a whole number from 1 to 3; got .* Example: 2\.$/,
      );
    }
  });

  test("suggests a name that is near, and none that is far", () => {
    const known = ["ttl", "renewalInterval", "nodeId"];
    expect(nearest("renewalinterval", known)).toBe("renewalInterval");
    expect(nearest("tll", known)).toBe("ttl");
    expect(nearest("colour", known)).toBeUndefined();
    expect(nearest("renwallIntervll", known)).toBe("renewalInterval"); // A third of a long name.
    expect(() => rejectUnknown("option", { nodeID: "x" }, known)).toThrow(/did you mean "nodeId"/);
    expect(() => rejectUnknown("option", { ttl: 1 }, known)).not.toThrow();
    expect([nearest("x", ["db"]), nearest("url", known)]).toEqual([undefined, undefined]);
  });

  test("shows no text that was given for an option that is not known: it may be a password", () => {
    for (const name of ["password", "sentinelPassword", "auth", "secretKei"]) {
      const complain = () => rejectUnknown("option", { [name]: "hush" }, ["ttl", "secretKey"]);
      expect(complain).toThrow(/is not known.*; got "\*\*\*"/);
    }
    expect(() => rejectUnknown("option", { tll: "5s" }, ["ttl"])).toThrow(/got "5s"/);
  });
});

describe("a name by which processes find each other", () => {
  const bounds = { min: 1, max: 16, example: '"billing"' };
  const check = (value: unknown) => visibleName("key", value, bounds);

  test.each([
    ["", 'key must be a string of 1 to 16 bytes; got "". Example: "billing".'],
    ["é".repeat(9), 'key must be a string of 1 to 16 bytes; got "ééééééééé". Example: "billing".'],
    [7, 'key must be a string of 1 to 16 bytes; got 7. Example: "billing".'],
    [
      "job\u200b",
      'key must not contain characters that cannot be seen, and has U+200B as character 4; got "job<U+200B>". Example: "billing".',
    ],
    [" job", 'key must not begin or end with white space; got " job". Example: "billing".'],
    ["job ", 'key must not begin or end with white space; got "job ". Example: "billing".'],
  ])("%j is refused", (value, message) => {
    expect(() => check(value)).toThrow(message);
  });

  test.each(["j", "a b", "é".repeat(8), "%00", "😀"])("%j is accepted as it is", (value) => {
    expect(check(value)).toBe(value);
  });
});

describe("a text for people", () => {
  const bounds = { min: 0, max: 16, example: '"x"' };

  test.each([
    ["a\0", 'metadata must not contain NUL or lone surrogates, and has U+0000; got "a<U+0000>"'],
    ["\udfff", 'metadata must not contain NUL or lone surrogates, and has U+DFFF; got "<U+DFFF>"'],
  ])("%j is refused, since not every store can keep it", (value, message) => {
    expect(() => boundedText("metadata", value, bounds)).toThrow(message);
  });

  test.each(["", "a\n\tb ", "e\u0301\u200b", "😀"])("%j is accepted as it is", (value) => {
    expect(boundedText("metadata", value, bounds)).toBe(value);
  });
});
