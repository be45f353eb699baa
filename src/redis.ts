import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import type { RedisClient } from "./stores/redis/client/redis-client.ts";
import type { RedisClusterClient } from "./stores/redis/cluster/cluster-client.ts";
import { guardSettings } from "./stores/redis/guard-settings.ts";
import { type RedisStoreOptions, redisStoreOptionNames } from "./stores/redis/redis-options.ts";
import { RedisStore } from "./stores/redis/redis-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { GlideClient, GlideClusterClient } from "./stores/redis/client/glide-client.ts";
export type {
  IoredisClient,
  NodeRedisClient,
  RedisClient,
} from "./stores/redis/client/redis-client.ts";
export type {
  IoredisCluster,
  NodeRedisCluster,
  RedisClusterClient,
} from "./stores/redis/cluster/cluster-client.ts";
export type { RedisStoreOptions } from "./stores/redis/redis-options.ts";
export { RedisStore } from "./stores/redis/redis-store.ts";

/** The options of the elector and of its store. */
export interface RedisElectorOptions extends ElectorOptions, RedisStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on one Redis server or cluster. All those that are made with the same client or the same URL, and with
 * the same options of the store, share one {@link RedisStore}, which opens its connections when it is
 * first used. The last of them to stop closes them.
 *
 * @example
 * const elector = new RedisElector(new Redis(), "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class RedisElector extends ClosingElector {
  /**
   * @param client A client of ioredis, node-redis, iovalkey or Valkey GLIDE, for one server, Sentinel or a cluster; or a URL:
   * `redis://…`, `rediss://…`, `redis+sentinel://…` or `redis+cluster://…`.
   * @param key Which election: 1 to 512 bytes that can all be seen. The lease is a hash at this very key.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL or a client
   * of GLIDE if none of ioredis, redis and iovalkey is installed.
   */
  constructor(
    client: RedisClient | RedisClusterClient | string,
    key: string,
    options: RedisElectorOptions = {},
  ) {
    const { store, elector } = divideOptions<RedisStoreOptions>(options, redisStoreOptionNames);
    const settings = guardSettings([client], store);
    super(
      stores.share([client], settings, () => new RedisStore(client, store)),
      key,
      elector,
    );
  }
}
