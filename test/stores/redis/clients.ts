import { GlideClient } from "@valkey/valkey-glide";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { Redis as Valkey } from "iovalkey";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";

/** Clients of the user's of every library, which only serve as a pattern: they connect nothing. */
export const patterns: Readonly<Record<string, (url: string) => RedisClient>> = {
  ioredis: (url) => new Redis(url, { lazyConnect: true }),
  "ioredis-5": (url) => new Redis5(url, { lazyConnect: true }),
  redis: (url) => createClient({ url }),
  "redis-5": (url) => createClient5({ url }),
  iovalkey: (url) => new Valkey(url, { lazyConnect: true }),
};

/** The same of GLIDE, which makes its clients later. */
export function glideOf(url: string): Promise<RedisClient> {
  const { hostname: host, port } = new URL(url);
  return GlideClient.createClient({ addresses: [{ host, port: Number(port) }], lazyConnect: true });
}
