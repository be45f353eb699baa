import type { Applied, ElectionEvent } from "../../src/election/event.ts";
import type { Request } from "./world.ts";

/** The event of a request that failed. Whoever fails waits as long as the jitter lets it. */
export function failed({ kind, attempt }: Request, applied: Applied) {
  const types = {
    acquire: "acquire-failed",
    renew: "renew-failed",
    release: "release-failed",
  } as const satisfies Record<Request["kind"], ElectionEvent["type"]>;
  return { type: types[kind], attempt, applied, jitter: 1 };
}
