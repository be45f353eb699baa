import { type RedisUrl, readRedisUrl } from "./redis-url.ts";
import { readSentinelUrl, type SentinelUrl } from "./sentinel-url.ts";
import { readUnixUrl } from "./unix-url.ts";

/** A URL of one server, or of several that are one deployment. */
export type DeploymentUrl = RedisUrl | SentinelUrl;

/** Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readDeploymentUrl(text: string): DeploymentUrl {
  if (/^redis\+unix:/i.test(text)) return readUnixUrl(text);
  return /^rediss?\+sentinel:/i.test(text) ? readSentinelUrl(text) : readRedisUrl(text);
}
