import { describe, expect, test } from "vitest";
import { RedisElector } from "../../../src/redis.ts";

// Nothing connects before start().
const SERVER = "redis://127.0.0.1:1";
const CLUSTER = "redis+cluster://127.0.0.1:1";

describe("the lock beside an election on a cluster", () => {
  test.each([
    ["billing", "locks:*", "locks:{*}"],
    ["{eu}:leader", "locks:{*}", "locks:*"],
  ])("of %j is refused at construction if %j is in another slot", (key, alsoLock, example) => {
    const making = (lock: string) => () => new RedisElector(CLUSTER, key, { alsoLock: lock });
    expect(making(alsoLock)).toThrow(
      `alsoLock must have the hash slot of the election's key, "${key}", on a Redis Cluster; got "${alsoLock}". Example: "${example}".`,
    );
    expect(making(example)).not.toThrow();
  });

  test.each([
    ["billing:leader", "billing", "{billing}:leader"],
    ["{eu}:leader", "locks:{us}", "{us}:leader"],
  ])("makes the key %j wrong if it has the key %j, in another slot", (key, alsoLock, example) => {
    expect(() => new RedisElector(CLUSTER, key, { alsoLock })).toThrow(
      `key must have the hash slot of alsoLock, "${alsoLock}", on a Redis Cluster; got "${key}". Example: "${example}".`,
    );
    expect(() => new RedisElector(CLUSTER, example, { alsoLock })).not.toThrow();
  });

  test.each([
    ["billing", "locks:{*}"],
    ["{billing}:leader", "billing"],
    ["{eu}:leader", "locks:{eu}"],
  ])("of %j may be %j, in the same slot", (key, alsoLock) => {
    expect(() => new RedisElector(CLUSTER, key, { alsoLock })).not.toThrow();
  });

  test("may have any other key on one server", () => {
    expect(() => new RedisElector(SERVER, "billing", { alsoLock: "locks:*" })).not.toThrow();
  });
});
