import type { IncomingMessage, ServerResponse } from "node:http";
import { checkFunction } from "../input.ts";
import { type FenceOptions, fenceCheck, type Refusal } from "./fence-check.ts";

/** A listener for requests of Node's `http`. */
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * A handler for Node's `http` that passes on only requests of the newest leader. Others are answered with 412 if a
 * later leader was here, 428 without a token, 400 if the header is not one, and 503 if the fence fails.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * createServer(httpFence({ resource: "billing" }, (request, response) => response.end("done"))).listen(8080);
 */
export function httpFence(
  options: FenceOptions<IncomingMessage>,
  handler: Handler,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  checkFunction("handler", handler, "(request, response) => response.end()");
  const check = fenceCheck(options);
  return async (request, response) => {
    const refusal = await check(request);
    if (refusal === undefined) handler(request, response);
    else refuse(response, refusal);
  };
}

/** Answers a request that is not admitted, unless it was answered while the fence was asked, as by a timeout. */
export function refuse(response: ServerResponse, { status, body }: Refusal): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}
