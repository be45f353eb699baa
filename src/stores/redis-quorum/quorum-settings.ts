import { invalid } from "../../input.ts";
import { type GuardSettings, guardSettings } from "../redis/guard-settings.ts";
import type { RedisStoreOptions } from "../redis/redis-options.ts";

/** The options of a store on these servers, with what their URLs say. Throws `INCUMBENT_INVALID_OPTION`. */
export function quorumSettings(
  servers: readonly unknown[],
  options: RedisStoreOptions,
): GuardSettings {
  if (!Array.isArray(servers) || servers.length === 0) {
    const rule = "must be a list of at least one client or URL";
    throw invalid({ name: "servers", rule, value: servers, example: "the URLs of three servers" });
  }
  return guardSettings(servers, options);
}
