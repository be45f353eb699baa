import type { RedisClient } from "../../src/stores/redis/client/redis-client.ts";
import type { RedisClusterClient } from "../../src/stores/redis/cluster/cluster-client.ts";
import type { Action } from "../scenario.ts";
import type { Place } from "./clients.ts";
import type { ReplicatedServer } from "./replicated-server.ts";

export type Promotion = Extract<Action, { readonly does: "promote" }>;
export type Migration = Extract<Action, { readonly does: "migrate" }>;

/** Servers of which some follow others, and what knows which of them are the primaries. */
export interface Deployment {
  readonly servers: readonly ReplicatedServer[];
  /** The client that the user of a process passes to the store. */
  clientOf(place: Place, process: number): RedisClient | RedisClusterClient;
  /** From now on replicas have a write at once. */
  calm(): void;
  isHeardBy(process: number, key: string): boolean;
  /** Returns false if nothing happens, since the last change is still under way or there is no such replica. */
  promote(promotion: Promotion): boolean;
  /** Returns false if nothing happens, since the last change is still under way or the slot is there already. */
  migrate(migration: Migration): boolean;
}
