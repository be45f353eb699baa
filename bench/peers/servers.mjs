import { startRedis } from "../redis.mjs";

/** Starts the server that a package elects on. */
export function startServer() {
  return startRedis();
}
