import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import type { RedisClient } from "./stores/redis/client/redis-client.ts";
import { type RedisStoreOptions, redisStoreOptionNames } from "./stores/redis/redis-options.ts";
import { quorumSettings } from "./stores/redis-quorum/quorum-settings.ts";
import { RedisQuorumStore } from "./stores/redis-quorum/redis-quorum-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type {
  IoredisClient,
  NodeRedisClient,
  RedisClient,
} from "./stores/redis/client/redis-client.ts";
export type { RedisStoreOptions } from "./stores/redis/redis-options.ts";
export { RedisQuorumStore } from "./stores/redis-quorum/redis-quorum-store.ts";

/** The options of the elector and of its store. */
export interface RedisQuorumElectorOptions extends ElectorOptions, RedisStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on several independent Redis servers. All those that are made with the same list of clients
 * or URLs, and with the same options of the store, share one {@link RedisQuorumStore}, which opens its two
 * connections to each server when it is first used. The last of them to stop closes them.
 *
 * @example
 * const servers = ["redis://10.0.0.1", "redis://10.0.0.2", "redis://10.0.0.3"];
 * const elector = new RedisQuorumElector(servers, "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class RedisQuorumElector extends ClosingElector {
  /**
   * @param servers An ioredis (5, 6) or node-redis (5, 6) client or a URL for each server.
   * @param key Which election: 1 to 512 bytes that can all be seen. The lease is a hash at this very key, on each server.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL when
   * neither client is installed.
   */
  constructor(
    servers: readonly (RedisClient | string)[],
    key: string,
    options: RedisQuorumElectorOptions = {},
  ) {
    const { store, elector } = divideOptions<RedisStoreOptions>(options, redisStoreOptionNames);
    const settings = quorumSettings(servers, store);
    const make = () => new RedisQuorumStore(servers, store);
    super(stores.share(servers, settings, make), key, elector);
  }
}
