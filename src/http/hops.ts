import type { IncomingMessage } from "node:http";

/** How often a request was sent on: a header if by us, a parameter of the URL if by its client. */
const NAME = "incumbent-hops";

const PARAMETER = new RegExp(`([?&])${NAME}=(\\d{1,3})(&|$)`);

export interface CountedTarget {
  /** The path and the query without the count. */
  readonly target: string;
  readonly hops: number;
}

/** How often the request was sent on, and its target as the client meant it. */
export function countedTarget(target: string, headers: IncomingMessage["headers"]): CountedTarget {
  const header = String(headers[NAME] ?? "");
  const byUs = /^\d{1,3}$/.test(header) ? Number(header) : 0;
  const [, before = "", byClient = "0", after = ""] = PARAMETER.exec(target) ?? [];
  const rest = target.replace(PARAMETER, after === "" ? "" : before);
  return { target: rest, hops: byUs + Number(byClient) };
}

export function withHops(target: string, hops: number): string {
  return `${target}${target.includes("?") ? "&" : "?"}${NAME}=${hops}`;
}

export function hopHeader(hops: number): Record<string, string> {
  return { [NAME]: String(hops) };
}

/** Removes the count from a query that was parsed before. */
export function forgetHops(query: unknown): void {
  if (typeof query === "object" && query !== null) Reflect.deleteProperty(query, NAME);
}
