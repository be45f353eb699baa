import type { IncomingMessage, ServerResponse } from "node:http";
import { type FenceOptions, fenceCheck } from "./fence-check.ts";
import { refuse } from "./http-fence.ts";

/**
 * A middleware for Express, and for others that take `(request, response, next)`. It passes on only requests of the
 * newest leader and answers others as `httpFence` does.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * app.post("/run", expressFence({ resource: "billing" }), (request, response) => response.send("done"));
 */
export function expressFence<Request extends IncomingMessage = IncomingMessage>(
  options: FenceOptions<Request>,
): (request: NoInfer<Request>, response: ServerResponse, next: () => void) => Promise<void> {
  const check = fenceCheck(options);
  return async (request, response, next) => {
    const refusal = await check(request);
    if (refusal === undefined) next();
    else refuse(response, refusal);
  };
}
