export type { FencedTerm } from "./fenced-term.ts";
export { expressFence } from "./fencing/express-fence.ts";
export { fastifyFence } from "./fencing/fastify-fence.ts";
export { type Fence, MemoryFence } from "./fencing/fence.ts";
export {
  type FencedRequest,
  type FenceOptions,
  fencedRequest,
  type HttpRequest,
} from "./fencing/fence-check.ts";
export { fencingHeaders } from "./fencing/fencing-header.ts";
export { httpFence } from "./fencing/http-fence.ts";
export {
  RedisFence,
  type RedisFenceClient,
  type RedisFenceOptions,
} from "./fencing/redis-fence.ts";
