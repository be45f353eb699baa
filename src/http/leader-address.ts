import type { Elector } from "../elector/elector.ts";
import type { LeaderInfo } from "../elector/terms/term.ts";
import { invalid } from "../input.ts";

/** Where a leader can be asked: its `metadata`, unless it is found in another way. */
export type AddressOf = (leader: LeaderInfo) => string | undefined;

export const metadataOf: AddressOf = ({ metadata }) => metadata;

/** Throws `INCUMBENT_INVALID_OPTION` if it is no address. It is checked each time: other processes wrote it. */
export function parseAddress(name: string, value: string | undefined): URL {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
  const isAddress =
    (url?.protocol === "http:" || url?.protocol === "https:") &&
    url.username + url.password + url.search + url.hash === "";
  if (isAddress) return url;
  throw invalid({
    name,
    rule: "must be the http:// or https:// address of the instance, without user, query or fragment",
    value,
    example: "http://10.0.0.7:8080",
  });
}

/**
 * Whether the leader is this very process, or an earlier one in its place. Its lease lasts for a while after it has
 * given up or was started anew.
 */
export function isOneself(elector: Elector, leader: LeaderInfo, addressOf: AddressOf): boolean {
  const { nodeId, metadata } = elector;
  if (leader.nodeId === nodeId) return true;
  const own = addressOf({ ...leader, nodeId, metadata });
  return own !== undefined && own === addressOf(leader);
}

/** The same request at another address. Joined as text: as a URL, `//x` would be another host. */
export function locationAt(address: URL, pathAndQuery: string): string {
  return address.origin + address.pathname.replace(/\/$/, "") + pathAndQuery;
}
