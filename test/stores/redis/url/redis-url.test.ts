import { describe, expect, test } from "vitest";
import { isIncumbentError } from "../../../../src/errors.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { RedisQuorumStore } from "../../../../src/stores/redis-quorum/redis-quorum-store.ts";

/** What a store says to these words; it has connected nothing. */
function complaint(client: unknown): string {
  try {
    new RedisStore(client as string);
  } catch (error) {
    if (isIncumbentError(error) && error.code === "INCUMBENT_INVALID_OPTION") return error.message;
    throw error;
  }
  return "accepted";
}

describe("G7: a store URL", () => {
  test.each([
    [
      "http://127.0.0.1",
      /must be a URL that begins with redis:\/\/, rediss:\/\/, redis\+unix:\/\/, .*; got "http/,
    ],
    ["redis:", /begins with redis:\/\//],
    ["redis://a,b", /must name one host; .* redis:\/\/a,redis:\/\/b/],
    ["redis://u:hush@a,u:hush@b", /^(?!.*hush).*must name one host/],
    ["redis://", /must (name a host|be a URL with a host)/],
    ["redis:///0", /must (name a host|be a URL with a host)/],
    ["redis://host:99999", /port from 1 to 65535/],
    ["redis://host:0", /port from 1 to 65535/],
    ["redis://host/x", /must end with the number of a database/],
    ["redis://host/-1", /must end with the number of a database/],
    ["redis://host/0/1", /must end with the number of a database/],
    ["redis://host/0#1", /no fragment/],
    ["redis://user:50%@host", /must have % in user and password written as %25/],
    ["", /must be a URL/],
  ])("%s is refused with its rule and an example", (url, message) => {
    expect(complaint(url)).toMatch(message);
    expect(complaint(url)).toMatch(/Example: "redis:\/\/127\.0\.0\.1:6379\/0"\.$/);
  });

  test.each([
    "redis://host",
    "redis://host:6380/",
    "rediss://u:p@host/15",
    "redis://[::1]:6379/0",
    "redis://host?restartGuard=false&quarantine=15000&stampKey=a%20b",
    "redis://host?family=0&db=3&protocol=3&connectionName=billing&allowUsernameInURI=true",
    "redis://host/3?db=3",
    "redis://host?",
  ])("%s is accepted, and nothing is connected", (url) => expect(complaint(url)).toBe("accepted"));

  test.each([
    ["?restartgard=false", /^parameter "restartgard" is not known; did you mean "restartGuard"\?/],
    ["?restartGuard=no", /^parameter "restartGuard" must be true or false; got "no"/],
    ["?quarantine=20s", /^parameter "quarantine" must be a whole number; got "20s"/],
    ["?quarantine=99999999999", /^quarantine must be a whole number from 0 to /],
    ["?stampKey=", /^parameter "stampKey" must not be empty/],
    ["?stampKey=%00", /^stampKey must /],
    ["?family=5", /^parameter "family" must be 0 or 4 or 6; got "5"/],
    ["/1?db=2", /^parameter "db" must be the same database as in the path, here 1; got 2/],
    ["?db=1&db=1", /^the query of the store's URL must have "db" once/],
    ["?password=hush", /^parameter "password" is not known; got "\*\*\*"/],
    ["?connectionName=%25hush%", /must have every % in a value written as %25; got "\?\*\*\*"/],
    ["?hush", /^the query of the store's URL must have the form name=value; got "\?\*\*\*"/],
  ])("with %s is refused by the name of the parameter", (end, message) => {
    expect(complaint(`redis://host${end}`)).toMatch(message);
    expect(complaint(`redis://host${end}`)).not.toContain("hush");
  });

  test("that says another thing than the options is refused by the name of the option", () => {
    const store = (url: string, options: object) => () => new RedisStore(url, options);
    const url = "redis://host?quarantine=20000";
    expect(store(url, { quarantine: 20_000 })).not.toThrow();
    expect(store(url, { stampKey: "another" })).not.toThrow();
    expect(store(url, { quarantine: 10_000 })).toThrow(
      /^quarantine must be the same wherever it is given, .* here 10000 and 20000/,
    );
    const servers = ["redis://a?restartGuard=false", "redis://b?restartGuard=true"];
    expect(() => new RedisQuorumStore(servers)).toThrow(/^restartGuard must be the same/);
    expect(() => new RedisQuorumStore(["redis://a?restartGuard=false", "redis://b"])).not.toThrow();
  });

  test.each([
    ["redis://user:hush", "redis://user:***"],
    ["redis://user:hush/0", "redis://user:***"],
    ["redis://user:12hush/0", "redis://user:***"],
    ["redis://user:hu sh@host/x", "redis://user:***@host/x"],
    ["redis://user:hu@sh@host/x", "redis://user:***@host/x"],
    ["redis://user:hu?sh@host/x", "redis://user:***@host/x"],
    ["redis://host/0#hush", "redis://host/0#***"],
    ["user:hush@host", "user:***@host"],
    ["redis://host:99999", "redis://host:99999"],
    ["redis://[::1]:99999/0", "redis://[::1]:99999/0"],
  ])("%s is shown as %s", (url, shown) => expect(complaint(url)).toContain(`; got "${shown}". `));

  test("does not show its password", () => {
    expect(complaint("redis://user:hush@host/x")).not.toContain("hush");
    expect(complaint("redis://:hu%40sh@host:0")).not.toContain("hu%40sh");
  });
});

test.each([null, [], 7, "x"])("G7: options of %j are no options", (options) => {
  const message = /^options must be an object; got .* Example: \{ quarantine: 15_000 \}\.$/;
  // As a user of JavaScript may pass them.
  const given = options as object;
  expect(() => new RedisStore("redis://host", given)).toThrow(message);
  expect(() => new RedisQuorumStore(["redis://host"], given)).toThrow(message);
});

describe("G7: a client", () => {
  test.each([undefined, null, 7, {}, { call() {} }, () => {}])("%s is no client", (client) => {
    expect(complaint(client)).toMatch(/^client must be a client of ioredis or node-redis .*; got /);
  });
});
