import type { Executed } from "../../simulated-host.ts";
import type { Asked, Reply } from "./asked.ts";
import type { Name } from "./decide.ts";

/** A request in the terms of the checks, which know the arguments and replies of the Redis script. */
export function asExecuted(
  name: Name,
  { key, nonce, ttl, token }: Asked,
  { status, token: granted, since }: Reply,
): Pick<Executed, "request" | "reply"> {
  const args =
    name === "release" ? [nonce] : ["", "", "", "", nonce, "", "", String(ttl), "", String(token)];
  return {
    request: { keys: [key], args },
    reply:
      status === "granted" ? [status, String(granted), String(since)] : [status, String(token)],
  };
}
