import type { IncomingMessage, ServerResponse } from "node:http";
import { checkElector } from "../elector/check-elector.ts";
import type { Elector } from "../elector/elector.ts";
import { forgetHops } from "./hops.ts";
import { LeaderRouter } from "./leader-router.ts";
import { answerWith, pagesOf } from "./pages.ts";
import { pathOf } from "./request-target.ts";
import type { ToLeaderOptions } from "./to-leader-options.ts";

/** What is used of Fastify's request and reply. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly query: unknown;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * An `onRequest` hook for Fastify that answers `/livez`, `/readyz` and `/leader`. Make it once for each elector.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * fastify.addHook("onRequest", fastifyPages(elector));
 */
export function fastifyPages(elector: Elector): Hook {
  const pages = pagesOf(checkElector(elector));
  return async ({ raw: request }, reply) => {
    if (!pages.has(pathOf(request.url ?? "") ?? "")) return;
    reply.hijack();
    await answerWith(pages, request, reply.raw);
  };
}

/**
 * An `onRequest` hook for Fastify that passes requests on if this process leads, and brings them to the leader as
 * `httpToLeader` does if not.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * fastify.post("/orders", { onRequest: fastifyToLeader(elector) }, async () => "written");
 */
export function fastifyToLeader(elector: Elector, options: ToLeaderOptions = {}): Hook {
  const router = new LeaderRouter(checkElector(elector), options);
  return async (request, reply) => {
    if (await router.isForHere(request.raw, reply.raw)) forgetHops(request.query);
    else reply.hijack(); // It has been answered: Fastify goes no further.
  };
}
