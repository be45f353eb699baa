import { invalid } from "../../input.ts";
import { sqlParameters } from "../sql/sql-parameters.ts";
import {
  percentDecoded,
  readParameters,
  textParameter,
  trueOrFalse,
  wholeNumberParameter,
} from "../url-parameters.ts";
import type { Settings } from "./mysql-client.ts";
import type { MysqlStoreOptions } from "./mysql-options.ts";
import type { Libraries } from "./mysql-packages.ts";

const EXAMPLE = '"mysql://user@127.0.0.1:3306/database"';

/** The store's own options, and how to connect. */
const parameters = {
  ...sqlParameters,
  allowMultiPrimary: trueOrFalse,
  bells: wholeNumberParameter("1"),
  ssl: trueOrFalse,
  allowPublicKeyRetrieval: trueOrFalse,
  socketPath: textParameter("/run/mysqld/mysqld.sock"),
};

/** A URL of a MySQL or MariaDB server, taken apart. */
export interface MysqlUrl {
  readonly settings: Settings;
  readonly options: MysqlStoreOptions;
  /** Which library is preferred. */
  readonly libraries: Libraries;
}

/** Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readMysqlUrl(text: string): MysqlUrl {
  const url = checkMysqlUrl(text);
  const { ssl, allowPublicKeyRetrieval, socketPath, ...options } = readParameters(
    url.search.slice(1),
    parameters,
  );
  const database = percentDecoded(url.pathname.slice(1));
  const settings = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 3306 : Number(url.port),
    user: percentDecoded(url.username) || undefined,
    password: percentDecoded(url.password) || undefined,
    database: database || undefined,
    // mysql2 compares the name in the certificate only if it is asked to.
    ssl: ssl === true ? { verifyIdentity: true } : undefined,
    ...{ allowPublicKeyRetrieval, socketPath },
  };
  const isMariadb = url.protocol === "mariadb:";
  return {
    settings,
    options,
    libraries: isMariadb ? ["mariadb", "mysql2"] : ["mysql2", "mariadb"],
  };
}

function checkMysqlUrl(text: string): URL {
  const complain = (rule: string) =>
    invalid({ name: "store", rule, value: text, example: EXAMPLE });
  if (!/^(mysql|mariadb):\/\//i.test(text)) {
    throw complain("must be a URL that begins with mysql:// or mariadb://");
  }
  if (!URL.canParse(text)) throw complain("must be a URL with a host and a port from 1 to 65535");
  const url = new URL(text);
  if (url.hostname === "") throw complain("must name a host");
  if (url.port === "0") throw complain("must have a port from 1 to 65535");
  if (url.hash !== "") throw complain("must have no fragment, so # in it is written as %23");
  if ([url.username, url.password, url.pathname].map(percentDecoded).includes(undefined)) {
    throw complain("must have % in user, password and database written as %25");
  }
  if (url.pathname.slice(1).includes("/")) throw complain("must end with the name of a database");
  return url;
}
