import { IncumbentError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { recognise } from "./redis-client.ts";
import {
  type Driver,
  driverOf,
  ioredisOptions,
  nodeRedisOptions,
  nodeRedisSocket,
} from "./redis-driver.ts";

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
  return parsed;
}

/**
 * Makes clients for a URL, by whichever library is installed, which is found at once; connects nothing.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function driversFor(url: string): () => Driver {
  checkRedisUrl(url);
  const { createRequire } = process.getBuiltinModule("node:module");
  const load = createRequire(import.meta.url);
  const ioredis = optional<{ Redis: new (url: string, options: object) => unknown }>(
    load,
    "ioredis",
  );
  if (ioredis !== undefined) {
    return () => driverOf(recognise(new ioredis.Redis(url, ioredisOptions)));
  }
  const redis = optional<{ createClient: (options: object) => unknown }>(load, "redis");
  if (redis !== undefined) {
    return () =>
      driverOf(
        recognise(redis.createClient({ url, socket: nodeRedisSocket(), ...nodeRedisOptions })),
      );
  }
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "A redis:// URL needs a Redis client: npm install ioredis (or: npm install redis).",
  );
}

/** The package, or nothing where it is not installed. Any other failure to load it is thrown. */
function optional<Package>(load: NodeJS.Require, name: string): Package | undefined {
  try {
    return load(name) as Package; // Its own documentation says what it exports.
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
