import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { expect, onTestFinished, test } from "vitest";
import type { OpenDriver } from "../../../../src/stores/redis/client/redis-driver.ts";
import {
  ioredisSentinels,
  nodeRedisSentinels,
} from "../../../../src/stores/redis/connection/sentinel-copies.ts";

const prepare = (open: OpenDriver) => open;
const twice = ["10.0.0.1", "10.0.0.2", "10.0.0.1"];

test("a Sentinel that a client of ioredis names twice counts once in a majority", () => {
  const client = new Redis({
    ...{ lazyConnect: true, name: "primary" },
    sentinels: twice.map((host) => ({ host })),
  });
  onTestFinished(() => client.disconnect());
  expect(ioredisSentinels(client, client.options, prepare).sentinels).toHaveLength(2);
});

test("a Sentinel that a client of node-redis names twice counts once in a majority", () => {
  const sentinelRootNodes = twice.map((host) => ({ host, port: 26_379 }));
  const client = createSentinel({ name: "primary", sentinelRootNodes });
  expect(nodeRedisSentinels(client, prepare).sentinels).toHaveLength(2);
});
