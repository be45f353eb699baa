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
): (request: NoInfer<Request>, reply: FastifyReply) => Promise<void> {
  const check = fenceCheck(options);
  return async (request, reply) => {
    const refusal = await check(request);
    if (refusal === undefined) return;
    reply.code(refusal.status);
    reply.header("content-type", "application/json");
    // Fastify takes it for the answer, and goes no further.
    reply.send(refusal.body);
  };
}
