/** How a {@link RedisStore} guards itself. */
export interface RedisStoreOptions {
  /**
   * After a restart, failover or FLUSHALL no candidate is newly elected for one ttl, so that a lease which
   * the server forgot never meets a new one. `false`: elects at once, and two leaders are possible for
   * up to a ttl.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /**
   * How long that wait is, in ms: at least the longest ttl that any candidate of the key uses. An elector
   * with a longer ttl of its own is refused.
   * @defaultValue the candidate's own ttl
   */
  readonly quarantine?: number | undefined;
  /**
   * The key under which the server's memory is recognised, shared by all elections on it. Checked as an
   * election's key is: two stamps are two memories.
   * @defaultValue "incumbent:server"
   */
  readonly stampKey?: string | undefined;
  /**
   * How many replicas must have confirmed an acquire or a renewal (`WAIT`) for it to count. At least half
   * of all replicas, so that two primaries cannot both have so many.
   * @defaultValue 0
   */
  readonly minReplicas?: number | undefined;
  /**
   * The key of a lock that the leader holds as well, renewed and released with the lease: a string as redlock,
   * redis-semaphore, redsync or a `SET NX PX` of your own writes it, for processes that still use these.
   * A `*` stands for the election's key. Without one, the store serves one election.
   *
   * @example
   * new RedisElector(redis, "billing:leader", { alsoLock: "billing:lock" });
   * new RedisStore(redis, { alsoLock: "mutex:*" });
   * @defaultValue none
   */
  readonly alsoLock?: string | undefined;
  /**
   * Whether the process may end although connections are open, if nothing else keeps it alive. Give the electors the
   * same.
   * @defaultValue false
   */
  readonly unref?: boolean | undefined;
}

/** The names of all options. */
export const redisStoreOptionNames: readonly (keyof RedisStoreOptions)[] = [
  "restartGuard",
  "quarantine",
  "stampKey",
  "minReplicas",
  "alsoLock",
  "unref",
];
