import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisClient } from "../../../../src/stores/redis/client/redis-client.ts";
import { explained } from "../../../../src/stores/redis/client/redis-handshake.ts";
import { RedisConnection } from "../../../../src/stores/redis/connection/redis-connection.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

const clients: Readonly<Record<string, (url: string) => RedisClient>> = {
  ioredis: (url) => new Redis(url, { lazyConnect: true }),
  redis: (url) => createClient({ url }),
};

let plain: RedisServer;
let strict: Server;
let strictPort = 0;
beforeAll(async () => {
  plain = await startRedis();
  // As a server does that expects TLS: what it is sent first is no handshake.
  strict = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.resetAndDestroy());
  }).listen(0, "127.0.0.1");
  await once(strict, "listening");
  strictPort = (strict.address() as AddressInfo).port; // Of a TCP server it is one.
});
afterAll(async () => {
  strict.close();
  await plain.stop();
});

async function failure(client: RedisClient): Promise<unknown> {
  const connection = new RedisConnection(client);
  const wait = { clock: performance, signal: AbortSignal.timeout(20_000) };
  try {
    return await connection.send(["PING"], wait).catch((error: unknown) => error);
  } finally {
    await connection.close();
  }
}

describe.each(Object.entries(clients))("%s", (_, make) => {
  test("names rediss:// if the server ends a connection without TLS at once", async () => {
    expect(await failure(make(`redis://127.0.0.1:${strictPort}`))).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringContaining("expects TLS at this port, its address is rediss://"),
    });
  });

  test("names redis:// if the server does not answer to TLS", async () => {
    expect(await failure(make(`rediss://127.0.0.1:${plain.port}`))).toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringContaining("has no TLS at this port, its address is redis://"),
    });
  });

  test("has no such hint for a server that refuses connections", async () => {
    const { message } = (await failure(make("redis://127.0.0.1:1"))) as Error; // It has failed.
    expect(message).toContain("ECONNREFUSED");
    expect(message).not.toContain("TLS");
  });
});

test("a certificate that is not trusted is explained by where its authority belongs", () => {
  for (const text of ["self-signed certificate", "unable to get local issuer certificate"]) {
    const { message } = explained(new Error(text), true) as Error; // It was given one.
    expect(message).toMatch(/^.*certificate \(give the authority .* NODE_EXTRA_CA_CERTS\)$/);
  }
});
