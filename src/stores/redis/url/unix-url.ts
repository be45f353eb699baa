import { invalid } from "../../../input.ts";
import { percentDecoded, readParameters, wholeNumberParameter } from "../../url-parameters.ts";
import { redisParameters } from "./redis-parameters.ts";
import type { RedisUrl } from "./redis-url.ts";

const EXAMPLE = '"redis+unix:///run/redis/redis.sock?db=1"';

const { family: _, ...others } = redisParameters;
const parameters = { ...others, db: wholeNumberParameter("1") };

/** Takes `redis+unix://user:password@/path?db=1` apart. Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readUnixUrl(text: string): RedisUrl {
  const complain = (rule: string) =>
    invalid({ name: "store", rule, value: text, example: EXAMPLE });
  const [, userinfo, path, query = ""] =
    /^redis\+unix:\/\/(?:([^@/?#]*)@)?(\/[^?#]+)(?:\?([^#]*))?$/i.exec(text) ?? [];
  if (path === undefined) {
    throw complain(
      "must have the path of a socket after redis+unix://, with ?, # and % in it written as %3F, %23 and %25",
    );
  }
  const parts = [path, ...(userinfo ?? "").split(/:(.*)/s, 2)].map(percentDecoded);
  if (parts.includes(undefined)) throw complain("must have every % written as %25");
  const [socket = "", user, password] = parts;
  const { protocol, connectionName, db = 0, ...options } = readParameters(query, parameters);
  const unix = { path: socket, user: user || undefined, password: password || undefined, db };
  return {
    deployment: "server",
    href: "redis://localhost",
    protocol,
    connectionName,
    unix,
    options,
  };
}
