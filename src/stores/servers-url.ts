import { invalid } from "../input.ts";
import { type Parameter, percentDecoded, readParameters, type Values } from "./url-parameters.ts";

/** What the URL of a store with several servers may look like. */
export interface ServersUrlForm<Known> {
  /** Such as `nats`; one of them begins the URL. */
  readonly schemes: readonly [string, ...string[]];
  /** The port of a server that is written without one. */
  readonly port: number;
  readonly example: string;
  readonly parameters: Known;
  /** What the path must be, without its first slash. Left out: there is none. */
  readonly path?: { readonly pattern: RegExp; readonly rule: string };
}

/** `scheme://user:password@host:port,host:port?name=value`, taken apart. */
export interface ServersUrl<Known> {
  /** In lower case. */
  readonly scheme: string;
  /** Each as `host:port`. */
  readonly servers: readonly string[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Without its first slash; as it was written. */
  readonly path: string;
  readonly values: Values<Known>;
}

/** Throws `INCUMBENT_INVALID_OPTION`, without the password. */
export function readServersUrl<Known extends Record<string, Parameter<unknown>>>(
  text: string,
  { schemes, port, example, parameters, path: wanted }: ServersUrlForm<Known>,
): ServersUrl<Known> {
  const complain = (rule: string) => invalid({ name: "store", rule, value: text, example });
  const [, isNamed, userinfo, hosts = "", path = "", query = ""] =
    /^([a-z+]+):\/\/(?:(.*)@)?([^/?#]*)\/?([^?#]*)(?:\?([^#]*))?/is.exec(text) ?? [];
  const scheme = schemes.find((each) => each === isNamed?.toLowerCase());
  if (scheme === undefined) {
    const beginnings = schemes.map((each) => `${each}://`).join(" or ");
    throw complain(`must be a URL that begins with ${beginnings}`);
  }
  if (text.includes("#")) throw complain("must have no fragment, so # in it is written as %23");
  const { pattern, rule } = wanted ?? { pattern: /^$/, rule: "must have no path" };
  if (!pattern.test(path)) throw complain(rule);
  const servers = hosts.split(",").map((host) => withPort(host, port));
  if (!servers.every((server) => server !== undefined)) {
    throw complain(
      "must name hosts, separated by commas, each with or without a port from 1 to 65535",
    );
  }
  const again = servers.find((server, at) => servers.indexOf(server) < at);
  // What counts a majority of them would count it twice.
  if (again !== undefined) throw complain(`must name each server once, and names ${again} again`);
  if (hasSeveralLogins(userinfo)) throw complain(ONE_LOGIN);
  const login = credentials(userinfo);
  if (login === undefined) throw complain("must have % in user and password written as %25");
  const [user, password] = login;
  return { scheme, servers, user, password, path, values: readParameters(query, parameters) };
}

/** The rule for what comes before the last @ of a URL with several servers. */
export const ONE_LOGIN =
  "must have user and password once, before the first host; in a password, @ is written as %40 and a comma as %2C";

/** Whether user and password seem to be repeated for each host: all hosts but the last would be a part of the password. */
export function hasSeveralLogins(userinfo = ""): boolean {
  return /@[^@]*,/.test(userinfo);
}

function withPort(host: string, port: number): string | undefined {
  const isPlain = /^(\[[\da-f:.]+\]|[^\s:@[\]]+)(:\d{1,5})?$/i.test(host);
  if (!isPlain || !URL.canParse(`http://${host}`)) return undefined;
  const given = /:(\d+)$/.exec(host)?.[1];
  if (given === undefined) return `${host.toLowerCase()}:${port}`;
  return Number(given) === 0 ? undefined : host.toLowerCase();
}

/** User and password, as far as they are given; nothing if they cannot be decoded. */
function credentials(userinfo: string | undefined): string[] | undefined {
  if (userinfo === undefined) return [];
  const [user = "", password] = userinfo.split(/:(.*)/s, 2);
  const parts = (password === undefined ? [user] : [user, password]).map(percentDecoded);
  const decoded = parts.filter((part) => part !== undefined);
  return decoded.length === parts.length ? decoded : undefined;
}
