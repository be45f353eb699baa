import { invalid } from "../../../input.ts";
import { hasSeveralLogins } from "../../servers-url.ts";
import {
  percentDecoded,
  readParameters,
  trueOrFalse,
  wholeNumberParameter,
} from "../../url-parameters.ts";
import type { RedisStoreOptions } from "../redis-options.ts";
import { redisParameters } from "./redis-parameters.ts";

const EXAMPLE = '"redis://127.0.0.1:6379/0"';

const parameters = {
  ...redisParameters,
  db: wholeNumberParameter("0"),
  // Of old URLs for ioredis: user names are always sent.
  allowUsernameInURI: trueOrFalse,
};

/** A socket in the file system, and whom to connect as. */
export interface UnixSocket {
  readonly path: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
}

/** A URL of a Redis server, taken apart. */
export interface RedisUrl {
  readonly deployment: "server";
  /** With TLS or not, user, password, host, port and database. */
  readonly href: string;
  /** IPv4 or IPv6; 0 for both. */
  readonly family?: number | undefined;
  /** RESP 2 or 3. */
  readonly protocol?: number | undefined;
  readonly connectionName?: string | undefined;
  /** In place of `href`, for a server on this machine. */
  readonly unix?: UnixSocket | undefined;
  readonly options: RedisStoreOptions;
}

/** A server, and how to connect to it. */
export type Place = Omit<RedisUrl, "deployment" | "options">;

/** Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readRedisUrl(text: string): RedisUrl {
  const url = checkRedisUrl(text);
  const {
    restartGuard,
    quarantine,
    stampKey,
    unref,
    minReplicas,
    alsoLock,
    family,
    db,
    protocol,
    connectionName,
  } = readParameters(url.search.slice(1), parameters);
  if (db !== undefined) setDatabase(url, db);
  url.search = "";
  // In the form of the standard: ioredis would not see that REDISS:// asks for TLS.
  const { href } = url;
  const options = { restartGuard, quarantine, stampKey, unref, minReplicas, alsoLock };
  return { deployment: "server", href, family, protocol, connectionName, options };
}

function checkRedisUrl(text: string): URL {
  const complain = (rule: string) =>
    invalid({ name: "store", rule, value: text, example: EXAMPLE });
  if (!/^rediss?:\/\//i.test(text)) {
    throw complain(
      "must be a URL that begins with redis://, rediss://, redis+unix://, redis+sentinel:// or redis+cluster://",
    );
  }
  if (!URL.canParse(text)) throw complain("must be a URL with a host and a port from 1 to 65535");
  const url = new URL(text);
  if (url.hostname === "") throw complain("must name a host");
  const [, userinfo] = /^[^:]*:\/\/(.*)@/s.exec(text.replace(/[?#].*/s, "")) ?? [];
  if (url.hostname.includes(",") || hasSeveralLogins(userinfo)) {
    throw complain(
      "must name one host; redis+sentinel:// and redis+cluster:// take several, and a quorum is one URL for each: redis://a,redis://b,redis://c",
    );
  }
  if (url.port === "0") throw complain("must have a port from 1 to 65535");
  if (!/^\/?$|^\/\d{1,5}$/.test(url.pathname)) {
    throw complain("must end with the number of a database, such as /0");
  }
  if (url.hash !== "") throw complain("must have no fragment, so # in it is written as %23");
  if ([url.username, url.password].map(percentDecoded).includes(undefined)) {
    throw complain("must have % in user and password written as %25");
  }
  return url;
}

function setDatabase(url: URL, db: number): void {
  const path = url.pathname.slice(1);
  if (path !== "" && Number(path) !== db) {
    const rule = `must be the same database as in the path, here ${path}`;
    throw invalid({
      name: 'parameter "db"',
      rule,
      value: db,
      example: `?db=${path}, or no parameter`,
    });
  }
  url.pathname = `/${db}`;
}
