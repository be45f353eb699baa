import type { IncomingMessage, ServerResponse } from "node:http";
import { checkElector } from "../elector/check-elector.ts";
import type { Elector } from "../elector/elector.ts";
import { checkFunction } from "../input.ts";
import { countedTarget } from "./hops.ts";
import { LeaderRouter } from "./leader-router.ts";
import { answerWith, pagesOf } from "./pages.ts";
import { pathOf } from "./request-target.ts";
import type { ToLeaderOptions } from "./to-leader-options.ts";

/** A listener for requests of Node's `http`. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

const EXAMPLE = "(request, response) => response.end()";

/**
 * A handler for Node's `http` that answers `/livez`, `/readyz` and `/leader`, and passes other requests on. Make it
 * once for each elector.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * createServer(httpPages(elector, (request, response) => response.end("hello"))).listen(8080);
 */
export function httpPages(elector: Elector, handler: HttpHandler): HttpHandler {
  const pages = pagesOf(checkElector(elector));
  checkFunction("handler", handler, EXAMPLE);
  return (request, response) =>
    pages.has(pathOf(request.url ?? "") ?? "")
      ? answerWith(pages, request, response)
      : handler(request, response);
}

/**
 * A handler for Node's `http` that handles requests if this process leads, and brings them to the leader if not: by a
 * redirect, or as a proxy. While no leader is known, the request waits; then it is answered 503.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`, also if the `metadata` of the elector should be its address and
 * is not.
 * @example
 * createServer(httpToLeader(elector, (request, response) => response.end("written"), { how: "proxy" })).listen(8080);
 */
export function httpToLeader(
  elector: Elector,
  handler: HttpHandler,
  options: ToLeaderOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const router = new LeaderRouter(checkElector(elector), options);
  checkFunction("handler", handler, EXAMPLE);
  return async (request, response) => {
    if (!(await router.isForHere(request, response))) return;
    request.url = countedTarget(request.url ?? "", request.headers).target;
    await handler(request, response);
  };
}
