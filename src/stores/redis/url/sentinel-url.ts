import { invalid } from "../../../input.ts";
import { readServersUrl } from "../../servers-url.ts";
import { percentDecoded, textParameter, trueOrFalse } from "../../url-parameters.ts";
import type { RedisStoreOptions } from "../redis-options.ts";
import { redisParameters } from "./redis-parameters.ts";
import type { Place } from "./redis-url.ts";

const EXAMPLE = '"redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/primary"';

const form = {
  schemes: ["redis+sentinel", "rediss+sentinel"] as const,
  port: 26_379,
  example: EXAMPLE,
  path: {
    pattern: /^[^/]+(\/\d{1,5})?$/,
    rule: "must have the name by which Sentinel knows the primary behind the hosts, and may have the number of a database behind that, such as /primary/0",
  },
  parameters: {
    ...redisParameters,
    sentinelUser: textParameter("elections"),
    sentinelPassword: textParameter("a password"),
    sentinelTls: trueOrFalse,
  },
};

/** A URL of the Sentinels of a primary, taken apart. */
export interface SentinelUrl {
  readonly deployment: "sentinel";
  /** By which they know it. */
  readonly name: string;
  readonly sentinels: readonly Place[];
  /** A server that one of them has named. */
  placeOf(host: string, port: number): Place;
  readonly options: RedisStoreOptions;
}

/** Throws `INCUMBENT_INVALID_OPTION`, without the passwords. */
export function readSentinelUrl(text: string): SentinelUrl {
  const { scheme, servers, user, password, path, values } = readServersUrl(text, form);
  const { family, protocol, connectionName, sentinelUser, sentinelPassword } = values;
  const { sentinelTls = scheme.startsWith("rediss"), ...others } = values;
  const { restartGuard, quarantine, stampKey, unref, minReplicas, alsoLock } = others;
  if (sentinelUser !== undefined && sentinelPassword === undefined) {
    const rule = "must be given together with sentinelPassword";
    throw invalid({
      name: 'parameter "sentinelUser"',
      rule,
      value: sentinelUser,
      example: EXAMPLE,
    });
  }
  const [name = "", database = "0"] = path.split("/");
  const login = loginOf(user, password);
  const sentinelLogin = loginOf(sentinelUser, sentinelPassword);
  const start = sentinelTls ? "rediss" : "redis";
  return {
    deployment: "sentinel",
    name: nameOf(name, text),
    sentinels: servers.map((server) => {
      return { href: `${start}://${sentinelLogin}${server}`, family, protocol };
    }),
    placeOf: (host, port) => {
      const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      const href = `${scheme.split("+")[0]}://${login}${address}/${database}`;
      return { href, family, protocol, connectionName };
    },
    options: { restartGuard, quarantine, stampKey, unref, minReplicas, alsoLock },
  };
}

function loginOf(user = "", password = ""): string {
  const [name, secret] = [user, password].map(encodeURIComponent);
  return user === "" && password === "" ? "" : `${name}:${secret}@`;
}

function nameOf(encoded: string, text: string): string {
  const name = percentDecoded(encoded);
  if (name !== undefined) return name;
  const rule = "must have % in the name of the primary written as %25";
  throw invalid({ name: "store", rule, value: text, example: EXAMPLE });
}
