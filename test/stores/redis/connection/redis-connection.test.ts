import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RedisConnection } from "../../../../src/stores/redis/connection/redis-connection.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { startProxy } from "../../../support/tcp-proxy.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const clock = { now: () => performance.now() };
const within = (ms: number) => ({ clock, signal: AbortSignal.timeout(ms) });

/** Clients as applications make them. */
const clients = {
  ioredis: (port: number) => {
    const client = new Redis({ port, host: "127.0.0.1" }).on("error", () => {});
    return { client, end: () => client.disconnect() };
  },
  "ioredis-5": (port: number) => {
    const client = new Redis5({ port, host: "127.0.0.1" }).on("error", () => {});
    return { client, end: () => client.disconnect() };
  },
  redis: (port: number) => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    return { client, end: () => {} };
  },
  "redis-5": (port: number) => {
    const client = createClient5({ url: `redis://127.0.0.1:${port}` });
    return { client, end: () => {} };
  },
  url: (port: number) => ({ client: `redis://127.0.0.1:${port}`, end: () => {} }),
};

describe.each(Object.entries(clients))("a connection over %s", (_, make) => {
  test("sends commands and hears channels, also after the server was restarted", async () => {
    const { client, end } = make(redis.port);
    const connection = new RedisConnection(client);
    try {
      const heard: (string | undefined)[] = [];
      const leave = connection.subscribe("news", (message) => heard.push(message));
      expect(await connection.send(["PING"], within(5000))).toBe("PONG");
      await expect.poll(() => heard).toEqual([undefined]);
      await redis.command("PUBLISH", "news", "first");
      await expect.poll(() => heard).toEqual([undefined, "first"]);
      await redis.kill();
      await redis.start();
      expect(await connection.send(["PING"], within(5000))).toBe("PONG");
      await expect.poll(() => heard, { timeout: 5000 }).toEqual([undefined, "first", undefined]);
      await redis.command("PUBLISH", "news", "second");
      await expect.poll(() => heard).toEqual([undefined, "first", undefined, "second"]);
      leave();
      await expect.poll(() => redis.command("PUBSUB", "CHANNELS")).toBe("");
    } finally {
      await connection.close();
      end();
    }
  });

  test("rejects at once if nothing listens, and says why", async () => {
    const { client, end } = make(1);
    const connection = new RedisConnection(client);
    try {
      const unreachable = { code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" };
      await expect(connection.send(["PING"], within(200))).rejects.toMatchObject(unreachable);
      await expect(connection.send(["PING"], within(100))).rejects.toThrow(/ECONNREFUSED/);
    } finally {
      await connection.close();
      end();
    }
  });

  test("leaves a half-open connection for a new one", async () => {
    const proxy = await startProxy(redis.port);
    const { client, end } = make(proxy.port);
    const connection = new RedisConnection(client);
    try {
      expect(await connection.send(["PING"], within(5000))).toBe("PONG");
      proxy.mode = "swallow";
      const timeout = { code: "INCUMBENT_STORE_TIMEOUT", applied: "maybe" };
      await expect(connection.send(["PING"], within(1100))).rejects.toMatchObject(timeout);
      proxy.mode = "pass";
      await expect
        .poll(() => connection.send(["PING"], within(300)).catch(() => "not yet"), {
          timeout: 9000,
        })
        .toBe("PONG");
    } finally {
      await connection.close();
      end();
      await proxy.close();
    }
  });
});

test("a prefix of the user's ioredis client does not cut election and channel apart", async () => {
  const client = new Redis({ port: redis.port, keyPrefix: "app:" });
  const connection = new RedisConnection(client);
  try {
    const heard: (string | undefined)[] = [];
    connection.subscribe("news", (message) => heard.push(message));
    await expect.poll(() => heard).toEqual([undefined]);
    const publish = "return redis.call('PUBLISH', ARGV[1], KEYS[1])";
    await connection.send(["EVAL", publish, "1", "job", "news"], within(5000));
    await expect.poll(() => heard).toEqual([undefined, "app:job"]);
  } finally {
    await connection.close();
    client.disconnect();
  }
});
