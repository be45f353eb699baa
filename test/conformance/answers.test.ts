import { describe, expect, test } from "vitest";
import { expectShape, expectTexts, expectVerdict } from "../../src/conformance/answers.ts";

const holder = { nodeId: "a", token: 1, since: 0, expiresIn: 5, metadata: undefined };
const refused = { granted: false, reason: "held", leader: undefined, retryIn: 5 };

describe("an answer", () => {
  test.each([
    ["granted", { granted: true, token: 1, since: 0 }],
    ["refused", refused],
    ["refused", { ...refused, reason: "late", retryIn: undefined, applied: "maybe" }],
    ["refused", { ...refused, reason: "quarantine", retryIn: 0, applied: "no" }],
    ["renewed", { renewed: true }],
    ["not renewed", { renewed: false, reason: "superseded" }],
    ["not renewed", { renewed: false, reason: "late" }],
    ["released", { released: false }],
    ["holder", holder],
    ["holder", { ...holder, metadata: "" }],
    ["holder", { ...holder, ttl: 5 }],
  ] as const)("that is %s may be %j", (kind, answer) => {
    expect(() => expectShape("request", answer, kind)).not.toThrow();
  });

  test.each([
    ["granted", { granted: true, token: 1.5, since: 0 }, "token", "a whole number above 0"],
    ["granted", { granted: true, token: 0, since: 0 }, "token", "a whole number above 0"],
    ["granted", { granted: true, token: "1", since: 0 }, "token", "a whole number above 0"],
    ["granted", { granted: true, token: 1, since: "0" }, "since", "a number of ms"],
    ["granted", { granted: "yes", token: 1, since: 0 }, "granted", "true or false"],
    ["refused", { ...refused, reason: "no" }, "reason", '"held" or "quarantine" or "late"'],
    ["refused", { ...refused, retryIn: null }, "retryIn", "undefined or a number of ms, 0 or more"],
    ["refused", { ...refused, retryIn: -1 }, "retryIn", "undefined or a number of ms, 0 or more"],
    ["refused", { ...refused, applied: "yes" }, "applied", 'undefined or "no" or "maybe"'],
    ["renewed", { renewed: "OK" }, "renewed", "true or false"],
    ["not renewed", { renewed: false }, "reason", '"superseded" or "late"'],
    ["released", { released: 1 }, "released", "true or false"],
    ["holder", { ...holder, nodeId: 7 }, "nodeId", "a string"],
    ["holder", { ...holder, expiresIn: "5" }, "expiresIn", "a number of ms, 0 or more"],
    ["holder", { ...holder, metadata: null }, "metadata", "undefined or a string"],
    ["holder", { ...holder, ttl: null }, "ttl", "undefined or a number of ms, 0 or more"],
  ] as const)("that is %s must not be %j", (kind, answer, part, must) => {
    expect(() => expectShape("request", answer, kind)).toThrow(
      `${part} in the answer of request must be ${must}; got {`,
    );
  });

  test.each([undefined, null, "yes", 1, {}, { renewed: "yes" }])("%j is no answer", (answer) => {
    expect(() => expectVerdict("renew", answer, "renewed")).toThrow(
      /^renew must be answered with \{ renewed: true or false, … \}; got /,
    );
  });

  test("that lists keys is an array of strings", () => {
    expect(() => expectTexts("keys", ["a", "b"])).not.toThrow();
    for (const wrong of [undefined, new Set(["a"]), ["a", 1]]) {
      expect(() => expectTexts("keys", wrong)).toThrow(
        /^keys must be answered with an array of strings; got /,
      );
    }
  });
});
