import type { LeaseRecord } from "../../src/stores/lease-store.ts";
import type { Consent, Vote } from "../../src/stores/redis/redis-node.ts";
import type { Reply } from "../redis/execution.ts";

// The position behind the status, the server's identity and what a token must exceed.
const NOTE = 3;

/** The reply of a server to an acquire, without times, which this model does not use. */
export function voteOf(reply: readonly Reply[]): Vote {
  const [first, ...holder] = reply.slice(NOTE);
  switch (reply[0]) {
    case "granted":
      return { granted: true, token: Number(first), since: 0 };
    case "held":
    case "quarantine":
      return { granted: false, reason: reply[0], leader: holderIn(holder), retryIn: undefined };
    case "outbid":
      return { granted: false, reason: "outbid", retryIn: 0 };
    case "late":
      return { granted: false, reason: "late", leader: undefined, retryIn: undefined };
    default:
      throw new Error(`No server answers a request for the lease with ${reply[0]}.`);
  }
}

/** The reply of a server to a renewal. */
export function consentOf(reply: readonly Reply[]): Consent {
  const [how] = reply.slice(NOTE);
  switch (reply[0]) {
    case "renewed":
      return { renewed: true, how: how === "joined" || how === "quarantined" ? how : "held" };
    case "superseded":
    case "late":
      return { renewed: false, reason: reply[0], leader: undefined };
    default:
      throw new Error(`No server answers a renewal with ${reply[0]}.`);
  }
}

function holderIn([token, nodeId]: readonly Reply[]): LeaseRecord | undefined {
  if (token === undefined || token === "") return undefined;
  const times = { since: 0, expiresIn: 0 };
  return { token: Number(token), nodeId: String(nodeId), metadata: undefined, ...times };
}
