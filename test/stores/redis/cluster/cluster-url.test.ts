import { describe, expect, test } from "vitest";
import { isIncumbentError } from "../../../../src/errors.ts";
import { readClusterUrl } from "../../../../src/stores/redis/cluster/cluster-url.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { RedisQuorumStore } from "../../../../src/stores/redis-quorum/redis-quorum-store.ts";

function complaint(client: string): string {
  try {
    new RedisStore(client);
  } catch (error) {
    if (isIncumbentError(error) && error.code === "INCUMBENT_INVALID_OPTION") return error.message;
    throw error;
  }
  return "accepted";
}

describe("the URL of a cluster", () => {
  test.each([
    [
      "redis+cluster:",
      /must be a URL that begins with redis\+cluster:\/\/ or rediss\+cluster:\/\//,
    ],
    ["redis+cluster://", /must name hosts, separated by commas/],
    ["redis+cluster://redis://a", /must have hosts without redis:\/\/ before them/],
    ["redis+cluster://a,", /must name hosts, separated by commas/],
    ["redis+cluster://a:0", /must have a port from 1 to 65535/],
    ["redis+cluster://a,b/1", /must name no database but 0/],
    ["redis+cluster://a,b?db=2", /must name no database but 0/],
    ["redis+cluster://u:hush@a,u:hush@b", /must have user and password once/],
    ["redis+cluster://a?restartgard=false", /"restartgard" is not known/],
    ["redis+cluster://u:hush%@a", /must have % in user and password written as %25/],
  ])("%s is refused", (url, message) => {
    expect(complaint(url)).toMatch(message);
    expect(complaint(url)).not.toContain("hush");
  });

  test("names its nodes, and what is the same for each of them", () => {
    const url = readClusterUrl("rediss+cluster://me:p%40ss@a,b:7000,[::1]:7001/0?quarantine=20000");
    expect(url.seeds).toEqual(["a:6379", "b:7000", "::1:7001"]);
    expect(url.node.options.quarantine).toBe(20_000);
    expect(url.hrefOf("10.0.0.9:7002")).toBe("rediss://me:p%40ss@10.0.0.9:7002/0");
    expect(url.hrefOf("::2:7002")).toBe("rediss://me:p%40ss@[::2]:7002/0");
  });

  test("cannot be one server of a quorum", () => {
    const servers = ["redis://a", "redis://b", "redis+cluster://c"];
    expect(() => new RedisQuorumStore(servers)).toThrow(/must be a URL that begins with redis/);
  });
});
