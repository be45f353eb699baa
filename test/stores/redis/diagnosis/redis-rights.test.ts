import { describe, expect, test } from "vitest";
import { rightsIn } from "../../../../src/stores/redis/diagnosis/redis-rights.ts";

const tried = { isGuarded: false, isStamped: false, lockKey: "lock", hasLockEach: false };

/** What a script is told about a command and about a key that the user may not use. */
const words = [
  [
    "Redis 7.0",
    "ERR The user executing the script can't run this command or subcommand",
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
  ],
  [
    "Redis since 7.2, and Valkey",
    "ERR ACL failure in script: User lame has no permissions to run the 'hset' command",
    "ERR ACL failure in script: No permissions to access a key",
  ],
] as const;

describe.each(words)("in the words of %s", (_, command, key) => {
  test("a command that is denied is an error, with what to grant", () => {
    const [verdict] = rightsIn(["HSET", command], tried);
    expect(verdict).toMatchObject({ level: "error", remedy: "Grant +hset." });
  });

  test("a key of alsoLock that is denied is an error, with what to grant", () => {
    const [verdict] = rightsIn(["GET", key], tried);
    expect(verdict).toMatchObject({ level: "error", remedy: "Grant ~lock." });
  });

  test("the key of no election may be denied", () => {
    expect(rightsIn(["HSET", key], tried)).toMatchObject([{ level: "ok" }]);
  });
});
