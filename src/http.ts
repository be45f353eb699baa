export { expressPages, expressToLeader } from "./http/express.ts";
export { fastifyPages, fastifyToLeader } from "./http/fastify.ts";
export { type HttpHandler, httpPages, httpToLeader } from "./http/node-http.ts";
export type { ToLeaderOptions } from "./http/to-leader-options.ts";
