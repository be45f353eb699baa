import type { Timer } from "../connections/timer.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "../lease-store.ts";
import type { RedisClient } from "./client/redis-client.ts";
import type { RedisClusterClient } from "./cluster/cluster-client.ts";
import { clusterSourceOf } from "./cluster/cluster-source.ts";
import type { Wait } from "./connection/redis-connection.ts";
import { guardSettings } from "./guard-settings.ts";
import { type Consent, RedisNode } from "./redis-node.ts";
import type { RedisStoreOptions } from "./redis-options.ts";
import { unexpected } from "./script/redis-reply.ts";

/**
 * Leases on one Redis (or Valkey) server, version 6 or later, also behind Sentinel; or on a Redis Cluster.
 *
 * Its connections are its own, two for each server and three for each node of a cluster, made by copying the user's
 * client or from the URL, with options under which no command waits unseen. They stay open until `close()`.
 */
export class RedisStore implements LeaseStore {
  readonly traits: StoreTraits = {
    name: "redis",
    exclusion: "strict",
    tokens: "clock",
    clock: "server",
  };
  readonly #server: RedisNode;

  /**
   * @param client A client of ioredis, node-redis, iovalkey or Valkey GLIDE, for one server, Sentinel or a cluster; or a URL:
   * `redis://…`, `rediss://…`, `redis+sentinel://…` or `redis+cluster://…`.
   * @param timer is for tests of this package, as is `clock`.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL or a client
   * of GLIDE if none of ioredis, redis and iovalkey is installed.
   */
  constructor(
    client: RedisClient | RedisClusterClient | string,
    options: RedisStoreOptions = {},
    timer?: Timer,
    clock?: StoreRequest["clock"],
  ) {
    const settings = guardSettings([client], options);
    // Whatever is no cluster is checked as a client of one server.
    this.#server = new RedisNode(
      clusterSourceOf(client) ?? (client as RedisClient),
      settings,
      timer,
      clock,
    );
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `alsoLock` gives the election no lock of its own. */
  checkKey(key: string): void {
    this.#server.checkKey(key);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `quarantine` is shorter. */
  checkTtl(ttl: number): void {
    this.#server.checkTtl(ttl);
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    const reply = await this.#server.acquire(request);
    if (!reply.granted && reply.reason === "outbid") throw unexpected(reply.reason);
    return reply;
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#server.renew(request).then(renewReplyOf);
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#server.release(request);
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return this.#server.read(request);
  }

  /** Looks at every hash of the database, a thousand at a time. */
  keys(wait: Wait): Promise<string[]> {
    return this.#server.keys(wait);
  }

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    return this.#server.watch(key, (message) => {
      // Without a message: subscribed anew, and a release may have gone unheard.
      onHint(message?.startsWith("changed") ? "changed" : "released");
    });
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    return this.#server.diagnose(examination);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

const renewed: RenewReply = { renewed: true };

function renewReplyOf(consent: Consent): RenewReply {
  return consent.renewed ? renewed : { renewed: false, reason: consent.reason };
}
