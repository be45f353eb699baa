import { describe, expect, test } from "vitest";
import { isNoScript, storeErrorOf } from "../../../src/stores/redis/redis-errors.ts";

describe("what a Redis error means", () => {
  test.each([
    ["NOSCRIPT No matching script.", "INCUMBENT_STORE_REFUSED"],
    ["READONLY You can't write against a read only replica.", "INCUMBENT_STORE_REFUSED"],
    ["LOADING Redis is loading the dataset in memory", "INCUMBENT_STORE_REFUSED"],
    ["MASTERDOWN Link with MASTER is down", "INCUMBENT_STORE_REFUSED"],
    ["CLUSTERDOWN Hash slot not served", "INCUMBENT_STORE_REFUSED"],
    ["MOVED 3999 127.0.0.1:6381", "INCUMBENT_STORE_REFUSED"],
    ["BUSY Redis is busy running a script.", "INCUMBENT_STORE_REFUSED"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "INCUMBENT_STORE_REFUSED"],
    [
      "NOPERM this user has no permissions to run the 'eval' command",
      "INCUMBENT_STORE_MISCONFIGURED",
    ],
    ["NOAUTH Authentication required.", "INCUMBENT_STORE_MISCONFIGURED"],
    ["WRONGPASS invalid username-password pair", "INCUMBENT_STORE_MISCONFIGURED"],
    ["ERR unknown command 'EVALSHA'", "INCUMBENT_STORE_MISCONFIGURED"],
    ["WRONGTYPE Operation against a key", "INCUMBENT_KEY_OCCUPIED"],
    ["connect ECONNREFUSED 127.0.0.1:6379", "INCUMBENT_STORE_UNAVAILABLE"],
    [
      "Stream isn't writeable and enableOfflineQueue options is false",
      "INCUMBENT_STORE_UNAVAILABLE",
    ],
    ["The client is closed", "INCUMBENT_STORE_UNAVAILABLE"],
  ])("%s was certainly not carried out", (text, code) => {
    const error = storeErrorOf(new Error(text));
    expect([error.code, error.applied]).toEqual([code, "no"]);
    expect(error.message).toContain(text);
  });

  test.each(["Connection is closed.", "Socket closed unexpectedly", "read ECONNRESET", "whatever"])(
    "%s leaves open whether it was carried out",
    (text) => expect(storeErrorOf(new Error(text)).applied).toBe("maybe"),
  );

  test("a password in an error is not passed on", () => {
    expect(storeErrorOf(new Error("bad redis://u:hush@host")).message).not.toContain("hush");
  });

  test("NOSCRIPT is recognised, for it is answered by sending the script", () => {
    expect(isNoScript(storeErrorOf(new Error("NOSCRIPT No matching script.")))).toBe(true);
    expect(isNoScript(storeErrorOf(new Error("BUSY")))).toBe(false);
  });
});
