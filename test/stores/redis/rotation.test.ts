import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { RedisConnection } from "../../../src/stores/redis/connection/redis-connection.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

let redis: RedisServer;
let connection: RedisConnection;

beforeEach(async () => {
  redis = await startRedis(["--requirepass", "old"]);
});
afterEach(async () => {
  await connection.close();
  await redis.stop();
});

/** A client of the user's, and how its password is changed. */
interface Rotating {
  readonly client: RedisClient;
  rotate(password: string): void;
}

const host = "127.0.0.1";

/** Makes a client of either version of a library. */
type Create = (options: object) => RedisClient;
const ioredis6: Create = (options) => new Redis(options);
const ioredis5: Create = (options) => new Redis5(options);
const nodeRedis6: Create = (options) => createClient(options);
const nodeRedis5: Create = (options) => createClient5(options);

function ioredis(create: Create): Rotating {
  const client = create({ host, port: redis.port, password: "old", lazyConnect: true });
  return { client, rotate: (password) => setOption(client, { password }) };
}

function withPassword(create: Create): Rotating {
  const client = create({ socket: { host, port: redis.port }, password: "old" });
  return { client, rotate: (password) => setOption(client, { password }) };
}

function withProvider(create: Create, url?: string): Rotating {
  let current = "old";
  const credentials = async () => ({ password: current });
  const credentialsProvider = { type: "async-credentials-provider", credentials } as const;
  const client = create({
    ...(url === undefined ? { socket: { host, port: redis.port } } : { url }),
    credentialsProvider,
  });
  return {
    client,
    rotate: (password) => {
      current = password;
    },
  };
}

function withAnotherProvider(create: Create): Rotating {
  const client = create({ url: `redis://:old@${host}:${redis.port}` });
  const rotate = (password: string) => {
    const credentials = async () => ({ password });
    const credentialsProvider = { type: "async-credentials-provider", credentials };
    setOption(client, { credentialsProvider });
  };
  return { client, rotate };
}

function setOption(client: RedisClient, options: object): void {
  Object.assign(client.options ?? {}, options);
}

const clients: readonly [string, () => Rotating][] = [
  ["ioredis 6 with another password", () => ioredis(ioredis6)],
  ["ioredis 5 with another password", () => ioredis(ioredis5)],
  ["node-redis 6 with another password", () => withPassword(nodeRedis6)],
  ["node-redis 5 with another password", () => withPassword(nodeRedis5)],
  ["node-redis 6 with a function", () => withProvider(nodeRedis6)],
  ["node-redis 5 with a function", () => withProvider(nodeRedis5)],
  ["node-redis 6 with a URL and a function", () => withProvider(nodeRedis6, redis.url)],
  ["node-redis 5 with a URL and a function", () => withProvider(nodeRedis5, redis.url)],
  ["node-redis 6 with a URL that was overruled", () => withAnotherProvider(nodeRedis6)],
  ["node-redis 5 with a URL that was overruled", () => withAnotherProvider(nodeRedis5)],
];

test.each(clients)("credentials are taken anew from %s", async (_, make) => {
  const { client, rotate } = make();
  connection = new RedisConnection(client);
  const clock = { now: () => performance.now() };
  const ping = () => connection.send(["PING"], { clock, signal: AbortSignal.timeout(10_000) });
  const heard: unknown[] = [];
  connection.subscribe("news", (message) => heard.push(message));
  expect(await ping()).toBe("PONG");
  await expect.poll(() => heard).toEqual([undefined]);

  await redis.command("-a", "old", "CONFIG", "SET", "requirepass", "new");
  for (const type of ["normal", "pubsub"]) {
    await redis.command("-a", "new", "CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
  }
  await expect
    .poll(() => ping().catch(({ message }) => message), { timeout: 5000 })
    .toContain("WRONGPASS");
  rotate("new");
  expect(await ping()).toBe("PONG");
  await expect.poll(() => heard, { timeout: 5000 }).toEqual([undefined, undefined]);
});
