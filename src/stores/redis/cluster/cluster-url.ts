import { invalid } from "../../../input.ts";
import { hasSeveralLogins, ONE_LOGIN } from "../../servers-url.ts";
import { type Address, addressOf, hostOf } from "../client/address.ts";
import { type RedisUrl, readRedisUrl } from "../url/redis-url.ts";

const EXAMPLE = '"redis+cluster://10.0.0.1:6379,10.0.0.2:6379"';

/** The port of a host that is written without one. */
const PORT = 6379;

/** A URL of a cluster, taken apart. */
export interface ClusterUrl {
  readonly seeds: readonly Address[];
  /** Its options, and what it says of every node. */
  readonly node: RedisUrl;
  /** The URL of the node at this address. */
  hrefOf(address: Address): string;
}

/** Whether a text is meant to be the URL of a cluster. */
export function isClusterUrl(text: unknown): text is string {
  return typeof text === "string" && /^rediss?\+cluster:/i.test(text);
}

/** `redis+cluster://user:password@host:port,host?name=value`. Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readClusterUrl(text: string): ClusterUrl {
  const complain = (rule: string) =>
    invalid({ name: "store", rule, value: text, example: EXAMPLE });
  const [, scheme = "", login = "", hosts = "", rest = ""] =
    /^(rediss?)\+cluster:\/\/([^/?#]*@)?([^/?#@]*)(.*)$/is.exec(text) ?? [];
  if (scheme === "") {
    throw complain("must be a URL that begins with redis+cluster:// or rediss+cluster://");
  }
  if (hosts.endsWith(":") && rest.startsWith("//")) {
    throw complain("must have hosts without redis:// before them, separated by commas");
  }
  if (hasSeveralLogins(login.slice(0, -1))) throw complain(ONE_LOGIN);
  const nodes = hosts.split(",").map((host) => {
    if (!URL.canParse(`http://${host}`)) throw complain("must name hosts, separated by commas");
    return readRedisUrl(`${scheme}://${login}${host}${rest}`);
  });
  const [node] = nodes;
  if (node === undefined) throw complain("must name a host");
  if (!/^\/?0?$/.test(new URL(node.href).pathname)) {
    throw complain("must name no database but 0, since a cluster has no other");
  }
  return {
    seeds: nodes.map(({ href }) => {
      const { hostname, port } = new URL(href);
      return addressOf({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || PORT });
    }),
    node,
    hrefOf: (address) => {
      const url = new URL(node.href);
      url.host = hostOf(address);
      return url.href;
    },
  };
}
