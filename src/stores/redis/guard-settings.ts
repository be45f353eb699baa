import { checkFlag, checkOptions, visibleName, wholeNumber } from "../../input.ts";
import { checkGuard, type Guard } from "../guard-options.ts";
import { agree } from "../url-parameters.ts";
import { isClusterUrl, readClusterUrl } from "./cluster/cluster-url.ts";
import { type RedisStoreOptions, redisStoreOptionNames } from "./redis-options.ts";
import { readDeploymentUrl } from "./url/deployment-url.ts";

const MOST_REPLICAS = 100;

/** The options, checked and complete. */
export interface GuardSettings extends Guard {
  readonly stampKey: string;
  readonly unref: boolean;
  readonly minReplicas: number;
  /** The key of the lock that the leader holds as well; `*` stands for the election's key. */
  readonly alsoLock: string | undefined;
}

/**
 * The options of a store on these servers, with what their URLs say. Throws `INCUMBENT_INVALID_OPTION`,
 * also when two of them say different things.
 */
export function guardSettings(
  servers: readonly unknown[],
  options: RedisStoreOptions,
): GuardSettings {
  let all = checkOptions(options, redisStoreOptionNames, "{ quarantine: 15_000 }");
  for (const server of servers) {
    if (typeof server === "string") all = agree(all, optionsOf(server), redisStoreOptionNames);
  }
  return complete(all);
}

function optionsOf(url: string): RedisStoreOptions {
  return isClusterUrl(url) ? readClusterUrl(url).node.options : readDeploymentUrl(url).options;
}

function complete(options: RedisStoreOptions): GuardSettings {
  const { stampKey = "incumbent:server", minReplicas = 0, alsoLock } = options;
  visibleName("stampKey", stampKey, { min: 1, max: 512, example: '"incumbent:server"' });
  const unref = checkFlag("unref", options.unref);
  wholeNumber("minReplicas", minReplicas, { min: 0, max: MOST_REPLICAS, example: "1" });
  if (alsoLock !== undefined)
    visibleName("alsoLock", alsoLock, { min: 1, max: 512, example: '"locks:*"' });
  return { ...checkGuard(options), stampKey, unref, minReplicas, alsoLock };
}
