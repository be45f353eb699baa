import { describe, expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { isIncumbentError } from "../../src/errors.ts";
import { ScriptedStore } from "../support/scripted-store.ts";

/** The message of the error that these arguments lead to. JavaScript callers pass anything. */
function complaint(
  key: unknown,
  options: unknown = {},
  store: unknown = new ScriptedStore(),
): string {
  try {
    new Elector(store as ScriptedStore, key as string, options as object);
  } catch (error) {
    if (isIncumbentError(error) && error.code === "INCUMBENT_INVALID_OPTION") return error.message;
    throw error;
  }
  return "accepted";
}

describe("G7: precise validation errors name the option, the rule, the value and an example", () => {
  test.each([
    ["", 'key must be a string of 1 to 512 bytes; got "". Example: "billing:scheduler".'],
    [7, 'key must be a string of 1 to 512 bytes; got 7. Example: "billing:scheduler".'],
    [undefined, /^key must be a string of 1 to 512 bytes; got undefined/],
    ["é".repeat(257), /^key must be a string of 1 to 512 bytes; got "é+… \(259 characters\)/],
  ])("the key number %#", (key, message) => {
    expect(complaint(key)).toMatch(message);
  });

  test.each([
    [
      "job\0",
      /^key must not contain control characters, and has U\+0000 as character 4; got "job</,
    ],
    ["job\u200b", /^key must not contain characters that cannot be seen, and has U\+200B/],
    ["cafe\u0301", /^key must not contain characters that text\.normalize\("NFC"\) replaces/],
    [
      " job",
      /^key must not begin or end with white space; got " job"\. Example: "billing:scheduler"/,
    ],
  ])("the key %j, which looks like another one", (key, message) => {
    expect(complaint(key)).toMatch(message);
  });

  test.each([
    [99, "99"],
    [2 ** 31, "2147483648"],
    [1000.5, "1000.5"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    ["10s", '"10s"'],
    [null, "null"],
  ])("a ttl of %s", (ttl, shown) => {
    expect(complaint("job", { ttl })).toBe(
      `ttl must be a whole number from 100 to 2147483647; got ${shown}. Example: 10000 (10 s).`,
    );
  });

  test("a renewal interval that leaves no room for one retry before the deadline", () => {
    expect(complaint("job", { ttl: 1000, renewalInterval: 601 })).toBe(
      "renewalInterval must be at most 600 ms (ttl 1000, safety margin 100) so that one retry fits before " +
        "the deadline; got 601. Example: 300 (30 % of the ttl).",
    );
    expect(complaint("job", { ttl: 1000, renewalInterval: 600 })).toBe("accepted");
    expect(complaint("job", { ttl: 1000, renewalInterval: 0 })).toMatch(/^renewalInterval must be/);
    expect(complaint("job", { ttl: 1000, renewalInterval: 1000 })).toMatch(/one retry fits/);
  });

  test("an unknown option, and the near one", () => {
    expect(complaint("job", { renewInterval: 3 })).toMatch(
      /^option "renewInterval" is not known; did you mean "renewalInterval"\?; got 3\./,
    );
    expect(complaint("job", { TTL: 3 })).toMatch(/did you mean "ttl"/);
    expect(complaint("job", { colour: 3 })).toMatch(/is not known; got 3\. Example: ttl, renewal/);
  });

  test.each([
    [{ nodeId: "" }, /^nodeId must be a string of 1 to 256 bytes; got "". Example: "api-7"\.$/],
    [{ nodeId: 7 }, /^nodeId must be a string/],
    [
      { nodeId: "api\u00ad-7" },
      /^nodeId must not contain .* U\+00AD as character 4; got "api<U\+00AD>-7"\. Example: "api-7"\.$/,
    ],
    [{ metadata: "a\0" }, /^metadata must not contain NUL or lone surrogates, and has U\+0000/],
    [
      { metadata: "x".repeat(4097) },
      /^metadata must be a string of 0 to 4096 bytes; got "x+… \(4099.*Example: "http:\/\/10\.0\.0\.7:8080"\.$/,
    ],
    [{ metadata: { a: 1 } }, /^metadata must be a string .* got an object of Object/],
    [
      { safetyMargin: 6000 },
      /^safetyMargin must be .* from 0 to 5000; got 6000. Example: 1000 \(10 % of the ttl\)\.$/,
    ],
    [
      { renewalInterval: "3s" },
      /^renewalInterval must be .*; got "3s". Example: 3000 \(30 % of the ttl\)\.$/,
    ],
    [
      { driftFactor: 2 },
      /^driftFactor must be a number from 0 to 0.2; got 2. Example: 0.01 \(1 %\)\.$/,
    ],
    [{ driftFactor: -0.01 }, /^driftFactor must be a number from 0 to 0.2; got -0.01/],
    [{ driftFactor: "0.01" }, /^driftFactor must be a number from 0 to 0.2; got "0.01"/],
    [{ driftFactor: Number.NaN }, /^driftFactor must be a number from 0 to 0.2; got NaN/],
    [{ drainTimeout: -1 }, /^drainTimeout must be a whole number .* Example: 30000 \(30 s\)\.$/],
    [
      { logger: {} },
      /^logger must have the methods debug, info, warn and error; got an object.* Example: a pino logger, or console\.$/,
    ],
    [{ logger: null }, /^logger must have the methods debug, info, warn and error; got null/],
    [null, /^options must be an object; got null. Example: \{ ttl: 10_000 \}\.$/],
    ["ttl=5", /^options must be an object; got "ttl=5"/],
  ])("the options number %#", (options, message) => {
    expect(complaint("job", options)).toMatch(message);
  });

  test.each([undefined, {}, "redis://127.0.0.1"])("%j is no store", (store) => {
    expect(complaint("job", {}, store ?? null)).toMatch(
      /^store must be a lease store; got .* Example: new RedisStore\(client\) or new SqliteStore\(path\)\.$/,
    );
  });

  test("what is usual is accepted, down to the limits", () => {
    expect(complaint("job")).toBe("accepted");
    expect(complaint("k".repeat(512), { ttl: 100, metadata: "x".repeat(4096) })).toBe("accepted");
    expect(complaint("job", { driftFactor: 0 })).toBe("accepted");
    expect(complaint("job", { driftFactor: 0.2 })).toBe("accepted");
    expect(complaint("job", { ttl: 2 ** 31 - 1, logger: console, nodeId: undefined })).toBe(
      "accepted",
    );
  });
});
