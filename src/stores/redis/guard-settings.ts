import { checkOptions, invalid, visibleName, wholeNumber } from "../../input.ts";
import { type RedisStoreOptions, redisStoreOptionNames } from "./redis-options.ts";
import { readRedisUrl } from "./redis-url.ts";

/** The options, checked and complete. */
export interface GuardSettings {
  readonly restartGuard: boolean;
  /** In ms; nothing where the candidate's own ttl counts. */
  readonly quarantine: number | undefined;
  readonly stampKey: string;
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
    if (typeof server === "string") all = agree(all, readRedisUrl(server).options);
  }
  return complete(all);
}

function agree(options: RedisStoreOptions, others: RedisStoreOptions): RedisStoreOptions {
  for (const name of redisStoreOptionNames) {
    const [one, other] = [options[name], others[name]];
    if (one === undefined || other === undefined || one === other) continue;
    const rule = `must be the same wherever it is given, in options and URLs; here ${one} and ${other}`;
    throw invalid({ name, rule, value: other, example: "give it once" });
  }
  return {
    restartGuard: options.restartGuard ?? others.restartGuard,
    quarantine: options.quarantine ?? others.quarantine,
    stampKey: options.stampKey ?? others.stampKey,
  };
}

function complete(options: RedisStoreOptions): GuardSettings {
  const { restartGuard = true, quarantine, stampKey = "incumbent:server" } = options;
  if (typeof restartGuard !== "boolean") {
    const rule = "must be true or false";
    throw invalid({ name: "restartGuard", rule, value: restartGuard, example: "true" });
  }
  visibleName("stampKey", stampKey, { min: 1, max: 512, example: '"incumbent:server"' });
  if (quarantine !== undefined) {
    const example = "15000 (15 s), the longest ttl of any candidate";
    wholeNumber("quarantine", quarantine, { min: 0, max: 2 ** 31 - 1, example });
  }
  return { restartGuard, quarantine, stampKey };
}

/** Throws `INCUMBENT_INVALID_OPTION` when a lease of this ttl, in ms, could outlast the quarantine. */
export function checkQuarantine({ restartGuard, quarantine }: GuardSettings, ttl: number): void {
  if (!restartGuard || quarantine === undefined || quarantine >= ttl) return;
  throw invalid({
    name: "quarantine",
    rule: `must be at least the elector's ttl, here ${ttl}, or two leaders are possible after a loss of memory`,
    value: quarantine,
    example: "15000 (15 s), the longest ttl of any candidate",
  });
}
