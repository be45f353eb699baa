import { describe, expect, test } from "vitest";
import { blame, isGiven } from "../../src/cli/blame.ts";

describe("a message names the option or variable that the user has set", () => {
  test.each([
    ["--ttl must be x", ["--ttl", "5"], {}, "--ttl must be x"],
    ["--ttl must be x", [], { INCUMBENT_TTL: "5" }, "INCUMBENT_TTL must be x"],
    ["--ttl must be x", ["--ttl=5"], { INCUMBENT_TTL: "6" }, "--ttl must be x"],
    ["renewalInterval must be x", ["--renew", "9s"], {}, "--renew must be x"],
    ["nodeId must be x", [], { INCUMBENT_NODE_ID: "\n" }, "INCUMBENT_NODE_ID must be x"],
    ["store must be x", [], { INCUMBENT_STORE: "x" }, "INCUMBENT_STORE must be x"],
    ["key must be x", ["status", ""], {}, "key must be x"],
    ["ttl must be x", ["--", "--ttl", "5"], { INCUMBENT_TTL: "" }, "ttl must be x"],
    ["constructor must be x", [], {}, "constructor must be x"],
    ["Cannot reach Redis", ["--store", "x"], {}, "Cannot reach Redis"],
  ])("%j, of %j and %j", (message, args, env, blamed) => {
    expect(blame(message, args, env)).toBe(blamed);
  });
});

test("an option is given by its flag before --, or by its variable", () => {
  expect(isGiven("store", ["doctor", "--store=memory:"], {})).toBe(true);
  expect(isGiven("store", ["run", "--", "x", "--store"], {})).toBe(false);
  expect(isGiven("store", ["doctor"], { INCUMBENT_STORE: "memory:" })).toBe(true);
  expect(isGiven("store", ["doctor"], { INCUMBENT_STORE: "" })).toBe(false);
});
