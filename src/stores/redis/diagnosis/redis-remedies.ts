import type { StoreError } from "../../../errors.ts";
import { isKeyDenied } from "../client/redis-errors.ts";

/** What to do about a connection that did not come about, by what the server or the client said. */
const remedies: readonly (readonly [text: RegExp, remedy: string])[] = [
  [/\bNOAUTH\b/, "Give user and password in the address."],
  [/\bWRONGPASS\b|invalid password|\bAUTH\b/i, "Check user and password."],
  [/\bDB index|SELECT is not allowed/i, "Give the number of a database that the server has."],
  [
    /No such master with that name/,
    "Give the name of `sentinel monitor` in the configuration of the Sentinels.",
  ],
  [/max number of clients/, "Raise maxclients, or end connections that are not needed."],
  [/\bDENIED\b/, "Set a password on the server, or turn its protected mode off."],
  [/\bLOADING\b/, "Wait until the server has read its data."],
  [/cluster support disabled/, "Begin the address with redis:// in place of redis+cluster."],
  [/by its maxclients/, "Check the port, whether it has TLS, and maxclients of the server."],
  [/is not Redis/, "Check host and port."],
];

/** For a server that did not answer, or answered with a refusal. */
export function remedyForReach({ message }: StoreError): string {
  const [, command] = /\bNOPERM\b.* '([\w|-]+)'/.exec(message) ?? [];
  if (command !== undefined) return `Grant +${command}.`;
  const remedy = remedies.find(([text]) => text.test(message))?.[1];
  return remedy ?? "Check host, port, user, password and firewall.";
}

/** For calls of scripts that fail as a whole. */
export function remedyForRights(needsWait: boolean, stampKey: string) {
  const grant = `Grant +eval, +evalsha${needsWait ? ", +wait" : ""}, and the other rights of docs/stores/redis.md.`;
  return (error: StoreError): string =>
    isKeyDenied(error) ? `Grant ~${stampKey}, or pass restartGuard=false.` : grant;
}
