import * as ioredis from "ioredis";
import * as ioredis5 from "ioredis-5";
import * as redis from "redis";
import * as redis5 from "redis-5";
import { describe, expect, test } from "vitest";
import { RedisElector } from "../../../../src/redis.ts";
import { type RedisClient, recognise } from "../../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { sentinelOptionsOf } from "../../../../src/stores/redis/sentinel/sentinel-options.ts";
import { RedisQuorumStore } from "../../../../src/stores/redis-quorum/redis-quorum-store.ts";

const nowhere = { host: "127.0.0.1", port: 1 };

describe("a client of the user's", () => {
  // The type as well: each of these is what the signature of the store asks for.
  const clients: readonly [string, "ioredis" | "node-redis", RedisClient][] = [
    ["ioredis 6", "ioredis", new ioredis.Redis({ ...nowhere, lazyConnect: true })],
    ["ioredis 5", "ioredis", new ioredis5.Redis({ ...nowhere, lazyConnect: true })],
    [
      "ioredis with sentinels",
      "ioredis",
      new ioredis.Redis({ sentinels: [nowhere], name: "main", lazyConnect: true }),
    ],
    ["node-redis 6", "node-redis", redis.createClient({ socket: nowhere })],
    ["node-redis 5", "node-redis", redis5.createClient({ socket: nowhere })],
    [
      "node-redis with command options",
      "node-redis",
      redis.createClient({ socket: nowhere }).withTypeMapping({ 36: Buffer }),
    ],
  ];

  test.each(clients)("of %s is known by what it can do", (_, library, client) => {
    expect(recognise(client)).toEqual({ library, client });
  });

  test("has a key prefix that can be seen", () => {
    const prefixed = (keyPrefix: string) =>
      recognise(new ioredis.Redis({ ...nowhere, lazyConnect: true, keyPrefix }));
    expect(() => prefixed("app\u200b:")).toThrow(
      'keyPrefix must not contain characters that cannot be seen, and has U+200B as character 4; got "app<U+200B>:". Example: "billing:".',
    );
    expect(prefixed("app:").library).toBe("ioredis");
    expect(prefixed("").library).toBe("ioredis");
  });

  const rootNodes = [{ socket: nowhere }];
  const crowds: readonly [string, unknown][] = [
    ["ioredis 6 cluster", new ioredis.Cluster([nowhere], { lazyConnect: true })],
    ["ioredis 5 cluster", new ioredis5.Cluster([nowhere], { lazyConnect: true })],
    ["node-redis 6 cluster", redis.createCluster({ rootNodes })],
    ["node-redis 5 cluster", redis5.createCluster({ rootNodes })],
  ];

  test.each(crowds)("of several servers is refused as one server: %s", (_, client) => {
    expect(() => recognise(client)).toThrow(
      /^client must be a client of one server .*; got an object of /,
    );
  });

  test.each([
    ["a pool", redis.createClientPool({ socket: nowhere })],
    ["the package itself", redis],
    ["a client class", ioredis.Redis],
    ["a pipeline", new ioredis.Redis({ ...nowhere, lazyConnect: true }).pipeline()],
  ])("it is not: %s", (_, client) => {
    expect(() => recognise(client)).toThrow(/^client must be a client of ioredis or node-redis /);
  });

  test("of iovalkey is one of ioredis", async () => {
    const { Redis: Valkey } = await import("iovalkey");
    const client = new Valkey({ ...nowhere, lazyConnect: true });
    expect(recognise(client)).toEqual({ library: "ioredis", client });
  });

  test("of Sentinel is known by what it can do, and copied as it is now", () => {
    const options = { name: "main", sentinelRootNodes: [nowhere] };
    const client = redis.createSentinel({ ...options, nodeClientOptions: { password: "hush" } });
    expect(recognise(client)).toEqual({ library: "node-redis-sentinel", client });
    expect(sentinelOptionsOf(client)).toMatchObject({
      ...options,
      nodeClientOptions: { password: "hush" },
    });
  });

  test("of Sentinel is refused if it is of redis 5, whose options cannot be read", () => {
    const client = redis5.createSentinel({ name: "main", sentinelRootNodes: [nowhere] });
    expect(() => new RedisStore(client)).toThrow(
      /^client must be a sentinel client of redis 6 .*Example: "redis\+sentinel:\/\//,
    );
  });

  test("of Sentinel must be one of the primary", () => {
    const options = { sentinels: [nowhere], name: "main", lazyConnect: true };
    expect(() => recognise(new ioredis.Redis({ ...options, role: "slave" }))).toThrow(
      'role of the client must be "master" or left out, since replicas refuse every lease; got "slave".',
    );
  });

  test("of redis 4 is refused by name", () => {
    const methods = ["sendCommand", "duplicate", "subscribe", "pSubscribe", "QUIT", "disconnect"];
    const client = Object.fromEntries(methods.map((name) => [name, () => {}]));
    expect(() => recognise({ ...client, isOpen: true, isReady: true })).toThrow(
      /^client must be a client of redis 5 or 6; this one is of redis 4/,
    );
  });

  test("of a cluster compiles and works, also if it may be one of a server", () => {
    const either = new ioredis.Cluster([nowhere], { lazyConnect: true }) as
      | ioredis.Redis
      | ioredis.Cluster;
    expect(new RedisStore(either).traits.name).toBe("redis");
    expect(new RedisStore(redis5.createCluster({ rootNodes })).traits.name).toBe("redis");
    const elector = new RedisElector(redis.createCluster({ rootNodes }), "job");
    expect(elector.isLeader()).toBe(false);
  });

  test("of a cluster is no server of a quorum, and does not compile as one", () => {
    const one = new ioredis.Redis({ ...nowhere, lazyConnect: true });
    const cluster = new ioredis.Cluster([nowhere], { lazyConnect: true });
    // @ts-expect-error It throws at run time, so the compiler refuses it before.
    expect(() => new RedisQuorumStore([one, cluster, "redis://b"])).toThrow(
      "must be a client of one server",
    );
  });
});
