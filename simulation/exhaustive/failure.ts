import type { Applied, ElectionEvent } from "../../src/election/event.ts";
import type { Request } from "./world.ts";

/** The event of a failed request. The candidate then waits as long as the jitter permits. */
export function failed({ kind, attempt }: Request, applied: Applied) {
  const types = {
    acquire: "acquire-failed",
    renew: "renew-failed",
    release: "release-failed",
  } as const satisfies Record<Request["kind"], ElectionEvent["type"]>;
  return { type: types[kind], attempt, applied, jitter: 1 };
}
