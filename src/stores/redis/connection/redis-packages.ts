import { IncumbentError } from "../../../errors.ts";
import { optionalPackage } from "../../../optional-package.ts";
import type { TlsSettings } from "../client/client-options.ts";
import type { IoredisClient, NodeRedisClient } from "../client/redis-client.ts";
import {
  ioredisDriver,
  ioredisOptions,
  nodeRedisDriver,
  type OpenDriver,
  type Opening,
} from "../client/redis-driver.ts";
import { behindSentinels } from "../sentinel/sentinel-driver.ts";
import { readDeploymentUrl } from "../url/deployment-url.ts";
import type { Place } from "../url/redis-url.ts";

/**
 * Makes connections for a URL, by whichever library is installed, which is found at once; connects nothing.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function driversFor(text: string, { timer, prepare }: Opening): OpenDriver {
  const url = readDeploymentUrl(text);
  const library = findLibrary();
  const openPlace = (place: Place) => prepare(library(place));
  if (url.deployment === "server") return openPlace(url);
  const { name, sentinels, placeOf } = url;
  const openServer = (host: string, port: number) => openPlace(placeOf(host, port));
  return behindSentinels({ name, sentinels: sentinels.map(openPlace), openServer }, timer);
}

/** Makes connections to a server by the library that was found. */
export type OpenPlace = (place: Place, tls?: TlsSettings) => OpenDriver;

const MISSING = "A redis:// URL needs a Redis client: npm install ioredis (or redis, or iovalkey).";

/** Throws `INCUMBENT_MISSING_PACKAGE` with this message. */
export function findLibrary(missing = MISSING): OpenPlace {
  // What they export is for their own documentation to say.
  const ioredis = optionalPackage("ioredis") as IoredisPackage | undefined;
  if (ioredis !== undefined) return (...place) => ioredisAt(ioredis, ...place);
  const redis = optionalPackage("redis") as NodeRedisPackage | undefined;
  if (redis !== undefined) return (...place) => nodeRedisAt(redis, ...place);
  const iovalkey = optionalPackage("iovalkey") as IoredisPackage | undefined;
  if (iovalkey !== undefined) return (...place) => ioredisAt(iovalkey, ...place);
  throw new IncumbentError("INCUMBENT_MISSING_PACKAGE", missing);
}

export function ioredisAt(ioredis: IoredisPackage, place: Place, tls?: TlsSettings): OpenDriver {
  const { href, family, protocol, connectionName, unix } = place;
  const options = { ...ioredisOptions, ...given({ family, protocol, connectionName, tls }) };
  const make = () => {
    if (unix === undefined) return new ioredis.Redis(href, options);
    const { path, user, password, db } = unix;
    return new ioredis.Redis(path, { ...options, ...given({ username: user, password, db }) });
  };
  return (events) => ioredisDriver(make(), events);
}

export function nodeRedisAt(redis: NodeRedisPackage, place: Place, tls?: TlsSettings): OpenDriver {
  const { href, family, protocol, connectionName, unix } = place;
  const options = { disableOfflineQueue: true, ...given({ RESP: protocol, name: connectionName }) };
  if (unix !== undefined) {
    const { path, user, password, db } = unix;
    const login = given({ username: user, password, database: db });
    return (events) => {
      const make = ({ socket }: { readonly socket: object }) =>
        redis.createClient({ ...options, ...login, socket: { ...socket, path } });
      return nodeRedisDriver(make, events);
    };
  }
  const all = { url: href, ...options };
  return (events) =>
    nodeRedisDriver(
      ({ socket }) =>
        redis.createClient({ ...all, socket: { ...socket, ...given({ family, ...tls }) } }),
      events,
    );
}

/** Without what is undefined, which the libraries would take for a choice. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export interface IoredisPackage {
  readonly Redis: new (url: string, options: object) => IoredisClient;
}

export interface NodeRedisPackage {
  createClient(options: object): NodeRedisClient;
}
