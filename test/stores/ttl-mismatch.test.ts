import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import type { LeaseStore } from "../../src/stores/lease-store.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { RedisStore } from "../../src/stores/redis/redis-store.ts";
import { RedisQuorumStore } from "../../src/stores/redis-quorum/redis-quorum-store.ts";
import { SqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";

const UNGUARDED = { restartGuard: false };
const folder = mkdtempSync(join(tmpdir(), "incumbent-"));
const servers: RedisServer[] = [];

beforeAll(async () => {
  servers.push(...(await Promise.all([startRedis(), startRedis(), startRedis()])));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

const urls = () => servers.map(({ port }) => `redis://127.0.0.1:${port}`);
const stores: Record<string, () => LeaseStore> = {
  memory: () => new MemoryStore(),
  SQLite: () => new SqliteStore(join(folder, "leader.db")),
  Redis: () => new RedisStore(urls()[0] ?? "", UNGUARDED),
  "a quorum of Redis servers": () => new RedisQuorumStore(urls(), UNGUARDED),
};

test.each(Object.entries(stores))(
  "on %s a follower reports that the leader has another ttl",
  async (_name, open) => {
    const store = open();
    const leads = new Elector(store, "ttl", { ttl: 5000, nodeId: "leads" });
    const follows = new Elector(store, "ttl", { ttl: 2000, nodeId: "follows" });
    try {
      await leads.start();
      await leads.waitForLeadership();
      const reported = new Promise((resolve) => follows.on("ttlMismatch", resolve));
      await follows.start();
      expect(await reported).toMatchObject({
        leader: { nodeId: "leads" },
        ttl: 5000,
        ownTtl: 2000,
      });
    } finally {
      await Promise.all([leads.stop(), follows.stop()]);
      await store.close();
    }
  },
);
