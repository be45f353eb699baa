// Opens the store that a test wants, with the client that it wants.

import { MemoryStore } from "../../dist/index.js";
import { RedisStore } from "../../dist/redis.js";
import { RedisQuorumStore } from "../../dist/redis-quorum.js";
import { SqliteStore } from "../../dist/sqlite.js";

/** Clients as a user would make them, with no option that could hide a fault of ours. */
const clients = {
  url: async (port) => [`redis://127.0.0.1:${port}`, () => {}],
  ioredis: async (port) => ioredis(await import("ioredis"), port),
  "ioredis-5": async (port) => ioredis(await import("ioredis-5"), port),
  iovalkey: async (port) => ioredis(await import("iovalkey"), port),
  redis: async (port, isLazy) => nodeRedis(await import("redis"), port, isLazy),
  "redis-5": async (port, isLazy) => nodeRedis(await import("redis-5"), port, isLazy),
  glide: async (port) => glide(await import("@valkey/valkey-glide"), port),
};

/** Of Sentinels at these ports. */
const sentinelClients = {
  url: async (url) => [url, () => {}],
  ioredis: async (url) => sentinelIoredis(await import("ioredis"), url),
  "ioredis-5": async (url) => sentinelIoredis(await import("ioredis-5"), url),
  redis: async (url) => {
    const { createSentinel } = await import("redis");
    return [createSentinel({ name: "primary", sentinelRootNodes: hostsOf(url) }), () => {}];
  },
};

/** Of a cluster with these nodes. */
const clusterClients = {
  url: async (url) => [url, () => {}],
  ioredis: async (url) => clusterIoredis(await import("ioredis"), url),
  "ioredis-5": async (url) => clusterIoredis(await import("ioredis-5"), url),
  redis: async (url) => {
    const { createCluster } = await import("redis");
    const rootNodes = hostsOf(url).map((socket) => ({ socket }));
    return [createCluster({ rootNodes }), () => {}];
  },
};

/** Clients of PostgreSQL, which the store only copies. */
const postgresClients = {
  url: async (url) => url,
  pool: async (connectionString) => new (await import("pg")).default.Pool({ connectionString }),
  client: async (connectionString) => new (await import("pg")).default.Client(connectionString),
  sql: async (url) => (await import("postgres")).default(url),
};

/** The scheme of a URL says which package the store opens it with. */
const mysqlClients = {
  url: async (url) => url,
  pool: async (url) => (await import("mysql2")).createPool(url),
  options: async (url) => {
    const { hostname, port, username, pathname } = new URL(url);
    return { host: hostname, port: Number(port), user: username, database: pathname.slice(1) };
  },
};

/** By their kind. */
const stores = {
  postgres: async ({ url, client = "url", storeOptions }) => {
    const { PostgresStore } = await import("../../dist/postgres.js");
    return new PostgresStore(await postgresClients[client](url), storeOptions);
  },
  mysql: async ({ url, client = "url", storeOptions }) => {
    const { MysqlStore } = await import("../../dist/mysql.js");
    return new MysqlStore(await mysqlClients[client](url), storeOptions);
  },
  // Unless it is to be that of the runtime: a ledger is written with that of the package.
  sqlite: async ({ path, client = "better-sqlite3" }) => {
    if (client === "default") return new SqliteStore(path);
    return new SqliteStore(path, { library: (await import("better-sqlite3")).default });
  },
  etcd: async ({ url, storeOptions }) => {
    const { EtcdStore } = await import("../../dist/etcd.js");
    return new EtcdStore(url, storeOptions);
  },
  nats: async ({ url, storeOptions }) => {
    const { NatsStore } = await import("../../dist/nats.js");
    return new NatsStore(url, storeOptions);
  },
  zookeeper: async ({ url, storeOptions }) => {
    const { ZookeeperStore } = await import("../../dist/zookeeper.js");
    return new ZookeeperStore(url, storeOptions);
  },
};

export async function connect(wanted) {
  const open = stores[wanted.kind];
  if (open === undefined) return connectWithClient(wanted);
  const store = await open(wanted);
  return { store, close: () => store.close() };
}

async function connectWithClient({ path, ports, port, client = "url", ...others }) {
  const { sentinels, cluster, storeOptions, isLazy } = others;
  if ((path ?? port ?? ports ?? sentinels ?? cluster) === undefined) {
    const store = new MemoryStore();
    return { store, close: () => store.close() };
  }
  if (path !== undefined) {
    const store = new SqliteStore(path);
    return { store, close: () => store.close() };
  }
  if (ports !== undefined) {
    const servers = ports.map((each) => `redis://127.0.0.1:${each}`);
    const store = new RedisQuorumStore(servers, storeOptions);
    return { store, close: () => store.close() };
  }
  const [given, disconnect] = await openClient();
  const store = new RedisStore(given, storeOptions);
  return {
    store,
    client: given,
    close: async () => {
      await store.close();
      disconnect();
    },
  };

  function openClient() {
    if (sentinels !== undefined) return sentinelClients[client](sentinels);
    if (cluster !== undefined) return clusterClients[client](cluster);
    return clients[client](port, isLazy);
  }
}

function hostsOf(url) {
  const [, hosts] = /\/\/([^/]*)/.exec(url);
  return hosts.split(",").map((address) => {
    const [host, port] = address.split(":");
    return { host, port: Number(port) };
  });
}

/** As a user would make it; the store only copies it. */
function sentinelIoredis({ Redis }, url) {
  const client = new Redis({ sentinels: hostsOf(url), name: "primary" });
  client.on("error", () => {});
  return [client, () => client.disconnect()];
}

/** As a user would make it; the store only copies it. */
function clusterIoredis({ Cluster }, url) {
  const client = new Cluster(hostsOf(url));
  client.on("error", () => {});
  return [client, () => client.disconnect()];
}

/** As a user would make it; the store only copies it. */
function ioredis({ Redis }, port) {
  const client = new Redis({ port, host: "127.0.0.1" });
  client.on("error", () => {});
  return [client, () => client.disconnect()];
}

/**
 * The store only copies it. Where connections are swallowed it is lazy, for connect() would wait for ever
 * for a handshake that is never answered.
 */
async function nodeRedis({ createClient }, port, isLazy) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  if (!isLazy) await client.connect();
  return [client, () => client.isOpen && client.destroy()];
}

/** The store only copies its settings. */
async function glide({ GlideClient }, port) {
  const addresses = [{ host: "127.0.0.1", port }];
  const client = await GlideClient.createClient({ addresses, lazyConnect: true });
  return [client, () => client.close()];
}
