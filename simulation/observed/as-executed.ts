import type { Executed } from "../simulated-host.ts";
import type { Replaced } from "./simulated-register.ts";

/** A write to the register in the terms of the checks, which know the requests and replies of the Redis script. */
export function asExecuted({ key, before, after, sentAt, ...passage }: Replaced): Executed {
  const { nonce, token, ttl, since, at } = after;
  const isReleased = nonce === "";
  // A lease that is restored keeps the beginning of its term.
  const isRenewed = before?.nonce === nonce || at !== since;
  const args = isReleased
    ? [before?.nonce ?? ""]
    : ["", "", "", "", nonce, "", "", String(ttl * 1000), "", String(token)];
  const reply = isReleased
    ? ["released"]
    : isRenewed
      ? ["renewed", String(token)]
      : ["granted", String(token), String(since)];
  return {
    ...{ from: -1, sentAt, isRepeat: passage.isStray, number: 0, server: { rate: 1 } },
    // A process that cannot know what the register has forgotten takes a lease at once if it was released.
    isUninformed: (passage.isUninformed && before?.nonce === "") || passage.isUnaware,
    ...{ request: { keys: [key], args }, reply },
  };
}
