import { describe, expect, test } from "vitest";
import { ConsulStore } from "../src/consul.ts";
import { DynamodbStore } from "../src/dynamodb.ts";
import { EtcdStore } from "../src/etcd.ts";
import { Elector, MemoryStore } from "../src/index.ts";
import { KubernetesStore } from "../src/kubernetes.ts";
import { MysqlStore } from "../src/mysql.ts";
import { NatsStore } from "../src/nats.ts";
import { PostgresStore } from "../src/postgres.ts";
import { RedisStore } from "../src/redis.ts";
import { RedisQuorumStore } from "../src/redis-quorum.ts";
import { SqliteStore } from "../src/sqlite.ts";
import { ZookeeperStore } from "../src/zookeeper.ts";

/** As of `PGlite.create()` or `createClient().connect()` without `await`, which the types forbid. */
const promise = Promise.resolve({}) as never;

const NOT_AWAITED = /; got a promise, which has to be awaited first\. Example: /;

describe("a promise that was not awaited is refused by that name", () => {
  test.each<[what: string, make: () => unknown]>([
    ["the ConsulStore", () => new ConsulStore(promise)],
    ["the DynamodbStore", () => new DynamodbStore(promise, { table: "leases" })],
    ["the EtcdStore", () => new EtcdStore(promise)],
    ["the KubernetesStore", () => new KubernetesStore(promise)],
    ["the MysqlStore", () => new MysqlStore(promise)],
    ["the NatsStore", () => new NatsStore(promise)],
    ["the PostgresStore", () => new PostgresStore(promise)],
    ["the RedisStore", () => new RedisStore(promise)],
    ["the RedisQuorumStore", () => new RedisQuorumStore(promise)],
    ["one server of the RedisQuorumStore", () => new RedisQuorumStore([promise, promise, promise])],
    ["the SqliteStore", () => new SqliteStore(promise)],
    ["the ZookeeperStore", () => new ZookeeperStore(promise)],
    ["an elector", () => new Elector(promise, "job")],
  ])("as what %s is made of", (_, make) => {
    expect(make).toThrow(NOT_AWAITED);
  });

  test.each<[what: string, make: () => unknown]>([
    ["the ConsulStore", () => new ConsulStore("consul://127.0.0.1", promise)],
    ["the DynamodbStore", () => new DynamodbStore("dynamodb://leases", promise)],
    ["the EtcdStore", () => new EtcdStore("etcd://127.0.0.1", promise)],
    ["the KubernetesStore", () => new KubernetesStore("kubernetes:", promise)],
    ["the MysqlStore", () => new MysqlStore("mysql://127.0.0.1/app", promise)],
    ["the NatsStore", () => new NatsStore("nats://127.0.0.1", promise)],
    ["the PostgresStore", () => new PostgresStore("postgres://127.0.0.1/app", promise)],
    ["the RedisStore", () => new RedisStore("redis://127.0.0.1", promise)],
    ["the RedisQuorumStore", () => new RedisQuorumStore(["redis://127.0.0.1"], promise)],
    ["the SqliteStore", () => new SqliteStore("leases.db", promise)],
    ["the ZookeeperStore", () => new ZookeeperStore("zookeeper://127.0.0.1", promise)],
    ["a MemoryStore", () => new MemoryStore(promise)],
    ["an elector", () => new Elector(new MemoryStore(), "job", promise)],
  ])("as the options of %s", (_, make) => {
    expect(make).toThrow(NOT_AWAITED);
  });

  test("as the client whose transaction is fenced", async () => {
    const term = { key: "job", token: 1, signal: new AbortController().signal, remaining: () => 9 };
    const store = new PostgresStore("postgres://127.0.0.1/app");
    await expect(store.fence(promise, term)).rejects.toThrow(NOT_AWAITED);
    await store.close();
  });
});
