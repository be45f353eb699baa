import { type FencedTerm, requireCurrent } from "../fenced-term.ts";
import { invalid } from "../input.ts";

/** In lower case, as Node.js gives the names of headers. */
export const DEFAULT_HEADER = "fencing-token";

/**
 * The header by which a leader sends its token, for `fetch` and others.
 *
 * @param header The name that the receiver expects.
 * @throws LeadershipLostError if the term is over: nothing should be sent then.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * await fetch(url, { method: "POST", headers: fencingHeaders(term), signal: term.signal });
 */
export function fencingHeaders(term: FencedTerm, header = DEFAULT_HEADER): Record<string, string> {
  requireCurrent(term);
  return { [checkHeader(header)]: String(term.token) };
}

/** Returns the name of a header in lower case. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkHeader(header: unknown): string {
  if (typeof header === "string" && /^[a-z0-9!#$%&'*+.^_`|~-]+$/i.test(header)) {
    return header.toLowerCase();
  }
  const rule = "must be the name of an HTTP header";
  throw invalid({ name: "header", rule, value: header, example: '"fencing-token"' });
}

/** The token, or `undefined` if it is not one. A header that was sent twice is none: Node.js joins the two. */
export function tokenIn(value: string | readonly string[] | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{1,16}$/.test(value)) return undefined;
  const token = Number(value);
  return Number.isSafeInteger(token) ? token : undefined;
}
