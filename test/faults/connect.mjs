// Opens the store that a test wants, with the client that it wants.

import { RedisStore } from "../../dist/redis.js";
import { RedisQuorumStore } from "../../dist/redis-quorum.js";
import { SqliteStore } from "../../dist/sqlite.js";

/** Clients as a user would make them, with no option that could hide a fault of ours. */
const clients = {
  url: async (port) => [`redis://127.0.0.1:${port}`, () => {}],
  ioredis: async (port) => ioredis(await import("ioredis"), port),
  "ioredis-5": async (port) => ioredis(await import("ioredis-5"), port),
  redis: async (port) => nodeRedis(await import("redis"), port),
  "redis-5": async (port) => nodeRedis(await import("redis-5"), port),
};

export async function connect({ path, ports, port, client = "url", storeOptions, user }) {
  if (path !== undefined) {
    const store = new SqliteStore(path);
    return { store, close: () => store.close() };
  }
  if (ports !== undefined) {
    const servers = ports.map((each) => `redis://127.0.0.1:${each}`);
    const store = new RedisQuorumStore(servers, storeOptions);
    return { store, close: () => store.close() };
  }
  const [given, disconnect] = await clients[client](port, user);
  const store = new RedisStore(given, storeOptions);
  return {
    store,
    close: async () => {
      await store.close();
      disconnect();
    },
  };
}

function ioredis({ Redis }, port) {
  const client = new Redis({ port, host: "127.0.0.1" });
  return [client, () => client.disconnect()];
}

async function nodeRedis({ createClient }, port) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  await client.connect();
  return [client, () => client.destroy()];
}
