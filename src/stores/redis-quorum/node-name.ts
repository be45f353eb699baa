import { invalid } from "../../input.ts";
import type { RedisClient } from "../redis/client/redis-client.ts";

/**
 * What a server is called in messages: `10.0.0.1:6379`, the path of a socket, or the group that Sentinel
 * watches; never a password. `server 2` where its client does not say.
 */
export function nameOf(client: RedisClient | string, index: number): string {
  if (typeof client === "string") return nameOfUrl(client) ?? `server ${index + 1}`;
  return nameOfOptions(optionsOf(client)) ?? `server ${index + 1}`;
}

interface Address {
  readonly url?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly name?: unknown;
  readonly sentinels?: unknown;
  readonly socket?: Address;
}

/** The libraries' own options, which they show and do not promise; so nothing is relied on. */
function optionsOf(client: RedisClient): Address {
  if (typeof client !== "object" || client === null) return {};
  const options: unknown = Reflect.get(client, "options");
  return typeof options === "object" && options !== null ? options : {};
}

function nameOfOptions({ url, host, port, path, name, sentinels, socket }: Address) {
  if (typeof sentinels === "object" && typeof name === "string") return name;
  if (typeof path === "string") return path;
  if (typeof host === "string") return `${host}:${port ?? 6379}`;
  if (typeof socket === "object" && socket !== null && ("host" in socket || "path" in socket)) {
    return nameOfOptions(socket);
  }
  return typeof url === "string" ? nameOfUrl(url) : undefined;
}

function nameOfUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  return hostname === "" ? undefined : `${hostname}:${port || 6379}`;
}

/** Throws `INCUMBENT_INVALID_OPTION` where one server would have two votes. */
export function rejectTwins(names: readonly string[], clients: readonly unknown[]): void {
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first === index && clients.indexOf(clients[index]) === index) continue;
    throw invalid({
      name: "servers",
      rule: "must be different servers, or one of them would have two votes",
      value: `${name} twice`,
      example: '["redis://10.0.0.1", "redis://10.0.0.2", "redis://10.0.0.3"]',
    });
  }
}
