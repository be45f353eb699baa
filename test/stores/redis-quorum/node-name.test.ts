import { describe, expect, test } from "vitest";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { nameOf, rejectTwins } from "../../../src/stores/redis-quorum/node-name.ts";

// A name is made of the options alone, whatever else a client has.
const clientWith = (options: unknown) => ({ options }) as unknown as RedisClient;

describe("a server is called", () => {
  test.each([
    ["redis://10.0.0.1:7001", "10.0.0.1:7001"],
    ["redis://user:hush@10.0.0.1/2", "10.0.0.1:6379"],
    ["redis://", "server 3"],
    ["no URL", "server 3"],
  ])("as its URL %s says, without a password", (url, name) => {
    expect(nameOf(url, 2)).toBe(name);
  });

  test.each([
    [{ host: "10.0.0.1", port: 7001, name: "reports", password: "hush" }, "10.0.0.1:7001"],
    [{ host: "10.0.0.1" }, "10.0.0.1:6379"],
    [{ host: "localhost", port: 6379, path: "/run/redis.sock" }, "/run/redis.sock"],
    [{ host: "localhost", sentinels: [{ host: "10.0.0.9" }], name: "billing" }, "billing"],
    [{ host: "10.0.0.1", sentinels: [], name: null }, "10.0.0.1:6379"],
  ])("as the options of ioredis say: %j", (options, name) => {
    expect(nameOf(clientWith(options), 2)).toBe(name);
  });

  test.each([
    [{ socket: { host: "10.0.0.1", port: 7001 }, url: "redis://10.0.0.2" }, "10.0.0.1:7001"],
    [{ socket: { path: "/run/redis.sock" } }, "/run/redis.sock"],
    [{ socket: { tls: true }, url: "redis://:hush@10.0.0.2:7002" }, "10.0.0.2:7002"],
    [{ socket: null, url: "redis://10.0.0.2" }, "10.0.0.2:6379"],
    [{ url: "redis://10.0.0.2" }, "10.0.0.2:6379"],
  ])("as the options of node-redis say: %j", (options, name) => {
    expect(nameOf(clientWith(options), 2)).toBe(name);
  });

  test.each([{}, null, undefined, "text", { url: 5 }])(
    "by its number if the options are %j",
    (options) => {
      expect(nameOf(clientWith(options), 2)).toBe("server 3");
    },
  );

  test.each([42, null, Object.assign(() => {}, { options: { host: "10.0.0.1" } })])(
    "by its number if its client is none",
    (client) => {
      expect(nameOf(client as unknown as RedisClient, 2)).toBe("server 3"); // Wrong on purpose.
    },
  );
});

describe("one server would have two votes", () => {
  const refused = (name: string) =>
    `servers must be different servers, or one of them would have two votes; got "${name} twice". ` +
    'Example: ["redis://10.0.0.1", "redis://10.0.0.2", "redis://10.0.0.3"].';

  test("if two have one name, though their clients differ", () => {
    expect(() => rejectTwins(["a:1", "b:1", "a:1"], [{}, {}, {}])).toThrow(refused("a:1"));
  });

  test("if one client is given twice, whatever it is called", () => {
    const client = {};
    expect(() => rejectTwins(["server 1", "server 2"], [client, client])).toThrow(
      refused("server 2"),
    );
  });

  test("but not if names and clients differ", () => {
    expect(() => rejectTwins(["a:1", "b:1"], [{}, {}])).not.toThrow();
  });
});
