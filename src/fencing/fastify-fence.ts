import { type FenceOptions, fenceCheck, type HttpRequest } from "./fence-check.ts";

/** What is used of a reply of Fastify. */
interface FastifyReply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

/**
 * A hook for Fastify (`onRequest`, `preHandler`). It passes on only requests of the newest leader and answers others as
 * `httpFence` does.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
 * @example
 * fastify.post("/run", { onRequest: fastifyFence({ resource: "billing" }) }, async () => "done");
 */
export function fastifyFence<Request extends HttpRequest = HttpRequest>(
  options: FenceOptions<Request>,
): (request: NoInfer<Request>, reply: FastifyReply) => Promise<unknown> {
  const check = fenceCheck(options);
  return async (request, reply) => {
    const refusal = await check(request);
    if (refusal === undefined) return undefined;
    reply.code(refusal.status);
    reply.header("content-type", "application/json");
    reply.send(refusal.body);
    // Fastify waits for it, and goes no further. Otherwise it would, while a hook of `onSend` is at work on the answer.
    return reply;
  };
}
