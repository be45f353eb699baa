import { Redis } from "ioredis";

/** The client of a package: ioredis with its defaults. That its server has gone is part of a measure. */
export function connect(port) {
  const client = new Redis(port);
  client.on("error", () => {});
  return client;
}
