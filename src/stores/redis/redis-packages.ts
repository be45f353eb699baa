import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";
import type { IoredisClient, NodeRedisClient } from "./redis-client.ts";
import { ioredisDriver, ioredisOptions, nodeRedisDriver, type OpenDriver } from "./redis-driver.ts";
import { readRedisUrl } from "./redis-url.ts";

/**
 * Makes clients for a URL, by whichever library is installed, which is found at once; connects nothing.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function driversFor(text: string): OpenDriver {
  const { href, family, protocol, connectionName } = readRedisUrl(text);
  // What they export is for their own documentation to say.
  const ioredis = optionalPackage("ioredis") as IoredisPackage | undefined;
  if (ioredis !== undefined) {
    const options = given({ family, protocol, connectionName });
    const make = () => new ioredis.Redis(href, { ...ioredisOptions, ...options });
    return (events) => ioredisDriver(make(), events);
  }
  const redis = optionalPackage("redis") as NodeRedisPackage | undefined;
  if (redis !== undefined) {
    const options = given({ RESP: protocol, name: connectionName });
    const place = { url: href, disableOfflineQueue: true, ...options };
    return (events) =>
      nodeRedisDriver(
        ({ socket }) =>
          redis.createClient({ ...place, socket: { ...socket, ...given({ family }) } }),
        events,
      );
  }
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "A redis:// URL needs a Redis client: npm install ioredis (or: npm install redis).",
  );
}

/** Without what is undefined, which the libraries would take for a choice. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

interface IoredisPackage {
  readonly Redis: new (url: string, options: object) => IoredisClient;
}

interface NodeRedisPackage {
  createClient(options: object): NodeRedisClient;
}
