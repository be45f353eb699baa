import type { IncomingMessage, ServerResponse } from "node:http";
import { checkElector } from "../elector/check-elector.ts";
import type { Elector } from "../elector/elector.ts";
import { countedTarget } from "./hops.ts";
import { LeaderRouter } from "./leader-router.ts";
import { answerWith, pagesOf } from "./pages.ts";
import { pathOf } from "./request-target.ts";
import type { ToLeaderOptions } from "./to-leader-options.ts";

/** A middleware for Express, and for others that take `(request, response, next)`. */
type Middleware = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
  next: () => void,
) => Promise<void>;

/**
 * A middleware for Express that answers `/livez`, `/readyz` and `/leader` below where it is mounted. Make it once for
 * each elector.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * app.use(expressPages(elector));
 */
export function expressPages(elector: Elector): Middleware {
  const pages = pagesOf(checkElector(elector));
  return async (request, response, next) => {
    if (pages.has(pathOf(request.url ?? "") ?? "")) await answerWith(pages, request, response);
    else next();
  };
}

/**
 * A middleware for Express that passes requests on if this process leads, and brings them to the leader as
 * `httpToLeader` does if not. To be a proxy, it has to come before what reads the body.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * app.post("/orders", expressToLeader(elector), (request, response) => response.send("written"));
 */
export function expressToLeader(elector: Elector, options: ToLeaderOptions = {}): Middleware {
  const router = new LeaderRouter(checkElector(elector), options);
  return async (request, response, next) => {
    if (!(await router.isForHere(request, response, request.originalUrl))) return;
    request.url = countedTarget(request.url ?? "", request.headers).target;
    next();
  };
}
