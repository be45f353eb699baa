import { IncumbentError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { optionalPackage } from "../../optional-package.ts";
import type { IoredisClient, NodeRedisClient } from "./redis-client.ts";
import { ioredisDriver, ioredisOptions, nodeRedisDriver, type OpenDriver } from "./redis-driver.ts";

const USUAL = '"redis://127.0.0.1:6379/0"';

/** The URL, checked. Throws `INCUMBENT_INVALID_OPTION`, without the password. */
function checkRedisUrl(url: string): URL {
  const complain = (rule: string) => invalid({ name: "store", rule, value: url, usual: USUAL });
  if (!/^rediss?:\/\//i.test(url)) {
    throw complain("must be a URL that begins with redis:// or rediss://");
  }
  if (!URL.canParse(url)) throw complain("must be a URL with a host and a port from 1 to 65535");
  const parsed = new URL(url);
  if (parsed.hostname === "") throw complain("must name a host");
  if (parsed.port === "0") throw complain("must have a port from 1 to 65535");
  if (!/^\/?$|^\/\d{1,5}$/.test(parsed.pathname)) {
    throw complain("must end with the number of a database, such as /0");
  }
  if (parsed.search !== "" || parsed.hash !== "") {
    throw complain("must have neither a query nor a fragment");
  }
  if (!isDecodable(parsed.username) || !isDecodable(parsed.password)) {
    throw complain("must have % in user and password written as %25");
  }
  return parsed;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes clients for a URL, by whichever library is installed, which is found at once; connects nothing.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function driversFor(text: string): OpenDriver {
  // In the form of the standard: ioredis would not see that REDISS:// asks for TLS.
  const url = checkRedisUrl(text).href;
  // What they export is for their own documentation to say.
  const ioredis = optionalPackage("ioredis") as IoredisPackage | undefined;
  if (ioredis !== undefined) {
    return (events) => ioredisDriver(new ioredis.Redis(url, ioredisOptions), events);
  }
  const redis = optionalPackage("redis") as NodeRedisPackage | undefined;
  if (redis !== undefined) {
    return (events) =>
      nodeRedisDriver(
        (options) => redis.createClient({ url, disableOfflineQueue: true, ...options }),
        events,
      );
  }
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "A redis:// URL needs a Redis client: npm install ioredis (or: npm install redis).",
  );
}

interface IoredisPackage {
  readonly Redis: new (url: string, options: object) => IoredisClient;
}

interface NodeRedisPackage {
  createClient(options: object): NodeRedisClient;
}
