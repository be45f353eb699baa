import type { ChaosStore } from "../chaos-store.ts";
import { etcd } from "./etcd.ts";
import { mariadb, mysql } from "./mariadb.ts";
import { nats } from "./nats.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { sqlite } from "./sqlite.ts";
import { zookeeper } from "./zookeeper.ts";

/** What chaos runs on, by its name on the command line. */
export const stores = {
  ...{ redis, postgres, mariadb, mysql, sqlite },
  ...{ etcd, nats, zookeeper },
} satisfies Readonly<Record<string, ChaosStore>>;

export type StoreName = keyof typeof stores;
