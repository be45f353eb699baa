import { invalid } from "../../../input.ts";
import type { NodeRedisSentinelOptions } from "../client/client-options.ts";
import type { NodeRedisSentinel } from "../client/redis-client.ts";

/**
 * What a sentinel client was made with. Its options are private, but it hands them to the client that
 * `duplicate` makes; here, to one that only takes them. Throws `INCUMBENT_INVALID_OPTION`.
 */
export function sentinelOptionsOf(client: NodeRedisSentinel): NodeRedisSentinelOptions {
  let found: unknown;
  class Duplicate {
    constructor(options: unknown) {
      found = options;
    }
  }
  try {
    const like = Object.create(Duplicate.prototype, { _self: { value: client._self } });
    client.duplicate?.call(like, {});
  } catch {
    // Another version keeps them elsewhere.
  }
  if (areSentinelOptions(found)) return found;
  throw invalid({
    name: "client",
    rule: "must be a sentinel client of redis 6 (the options of an older one cannot be copied), or a URL, which redis 5 can open",
    value: client,
    example: '"redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/primary"',
  });
}

function areSentinelOptions(value: unknown): value is NodeRedisSentinelOptions {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "sentinelRootNodes" in value &&
    Array.isArray(value.sentinelRootNodes)
  );
}
