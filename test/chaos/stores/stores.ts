import type { ChaosStore } from "../chaos-store.ts";
import { etcd } from "./etcd.ts";
import { mariadb } from "./mariadb.ts";
import { nats } from "./nats.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { sqlite } from "./sqlite.ts";
import { zookeeper } from "./zookeeper.ts";

/** What chaos runs on, by its name on the command line. */
export const stores = {
  ...{ redis, postgres, mariadb, sqlite },
  ...{ etcd, nats, zookeeper },
} satisfies Readonly<Record<string, ChaosStore>>;

export type StoreName = keyof typeof stores;
