import type { Hint } from "../lease-store.ts";
import { majorityOf } from "./majority.ts";

/**
 * Passes a hint on when a majority of the servers has given it: a candidate that came at the first would
 * find the others still taken. `hear` is called with each server's messages.
 */
export function majorityHints(
  servers: number,
  onHint: (hint: Hint) => void,
): (server: number, message: string | undefined) => void {
  const majority = majorityOf(servers);
  const resubscribed = new Set<number>();
  const heard = new Map<string, Set<number>>();

  // A server that was subscribed anew may have published anything meanwhile: it counts as one that said
  // what a minority of the others has said.
  const resubscribe = (server: number) => {
    resubscribed.add(server);
    const isMajority = [new Set<number>(), ...heard.values()].some(
      (said) => said.size < majority && new Set([...said, ...resubscribed]).size >= majority,
    );
    if (!isMajority) return;
    resubscribed.clear();
    onHint("released");
  };

  return (server, message) => {
    if (message === undefined) return resubscribe(server);
    const hint: Hint = message.startsWith("changed") ? "changed" : "released";
    // Published by hand: it names no term.
    if (!message.includes(" ")) return onHint(hint);
    const earlier = heard.get(message);
    // A server that says it again, such as of a leader with other metadata, begins anew.
    const servers = earlier === undefined || earlier.has(server) ? new Set<number>() : earlier;
    heard.delete(message);
    heard.set(message, servers.add(server));
    if (servers.size === majority) onHint(hint);
    // What fewer have published is of attempts that failed, and the rest is not waited for.
    for (const [old] of [...heard].slice(0, -REMEMBERED)) heard.delete(old);
  };
}

/** How many terms' hints are counted at once. */
const REMEMBERED = 100;
