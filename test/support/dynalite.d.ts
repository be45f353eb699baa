declare module "dynalite" {
  import type { Server } from "node:http";
  /** A server that imitates DynamoDB, in this process. */
  export default function dynalite(options?: { createTableMs?: number }): Server;
}
