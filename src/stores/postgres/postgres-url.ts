import { invalid } from "../../input.ts";
import { sqlParameters } from "../sql/sql-parameters.ts";
import {
  percentDecoded,
  readParameters,
  textParameter,
  trueOrFalse,
  wholeNumberParameter,
} from "../url-parameters.ts";
import type { PostgresStoreOptions } from "./postgres-options.ts";

const EXAMPLE = '"postgres://app@127.0.0.1:5432/app"';

/** The store's own options. */
const own = {
  ...sqlParameters,
  listenUrl: textParameter("postgres://app@127.0.0.1:5432/app"),
};

/** What the client libraries understand themselves. */
const passedOn = {
  host: textParameter("/var/run/postgresql"),
  port: wholeNumberParameter("5432"),
  sslmode: textParameter("verify-full"),
  ssl: textParameter("true"),
  sslcert: textParameter("client.crt"),
  sslkey: textParameter("client.key"),
  sslrootcert: textParameter("ca.crt"),
  sslnegotiation: textParameter("direct"),
  channel_binding: textParameter("require"),
  uselibpqcompat: trueOrFalse,
  application_name: textParameter("billing"),
  options: textParameter("-c search_path=billing"),
};

/** A URL of a PostgreSQL server, taken apart. */
export interface PostgresUrl {
  /** What a client library is given. */
  readonly href: string;
  readonly options: PostgresStoreOptions;
}

/** Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readPostgresUrl(text: string, name = "store"): PostgresUrl {
  const url = checkPostgresUrl(text, name);
  const values = readParameters(url.search.slice(1), { ...own, ...passedOn });
  const { schema, table, createTable, restartGuard, quarantine, listenUrl } = values;
  const options = { schema, table, createTable, restartGuard, quarantine, listenUrl };
  for (const ours of Object.keys(own)) url.searchParams.delete(ours);
  return { href: url.href, options };
}

function checkPostgresUrl(text: string, name: string): URL {
  const complain = (rule: string) => invalid({ name, rule, value: text, example: EXAMPLE });
  if (!/^postgres(ql)?:\/\//i.test(text)) {
    throw complain("must be a URL that begins with postgres:// or postgresql://");
  }
  const oneHost = "must be a URL with one host and a port from 1 to 65535";
  if (!URL.canParse(text)) throw complain(oneHost);
  const url = new URL(text);
  // postgres.js takes the next one if one does not answer, and two servers are two elections. A path is a socket.
  if (/^(?!%2f).*(,|%2c)/i.test(url.hostname)) throw complain(oneHost);
  if (url.port === "0") throw complain("must have a port from 1 to 65535");
  if (url.hash !== "") throw complain("must have no fragment, so # in it is written as %23");
  if ([url.username, url.password, url.pathname].map(percentDecoded).includes(undefined)) {
    throw complain("must have % in user, password and database written as %25");
  }
  if (/^\/.*\//.test(url.pathname)) throw complain("must end with the name of a database");
  return url;
}
