import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { Redis as Valkey } from "iovalkey";
import * as redis6 from "redis";
import * as redis5 from "redis-5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../src/index.ts";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type Authority, type Certificate, makeAuthority } from "../../support/certificates.ts";
import { freePort } from "../../support/free-port.ts";
import { ownFolder } from "../../support/own-process.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const folder = ownFolder("tls");
let authority: Authority;
let client: Certificate;
let redis: RedisServer;
let port = 0;

beforeAll(async () => {
  authority = makeAuthority(folder.path);
  const server = authority.sign("server", "DNS:redis.internal,IP:127.0.0.1");
  client = authority.sign("client", "DNS:client.internal");
  port = await freePort();
  const files = ["--tls-cert-file", server.certFile, "--tls-key-file", server.keyFile];
  const own = ["--tls-port", String(port), "--tls-ca-cert-file", authority.caFile];
  redis = await startRedis([...own, ...files, "--tls-auth-clients", "yes"]);
  await redis.settle();
});
afterAll(async () => {
  await redis.stop();
  folder.remove();
});

const ioredis =
  (library: new (options: object) => RedisClient) =>
  (host: string, tls: Tls): RedisClient =>
    new library({ host, port, tls, lazyConnect: true });

const nodeRedis =
  (library: Pick<typeof redis6, "createClient">) =>
  (host: string, tls: Tls): RedisClient =>
    library.createClient({ socket: { host, port, tls: true, ...tls } });

const makers: readonly [string, (host: string, tls: Tls) => RedisClient][] = [
  ["ioredis 6", ioredis(Redis6)],
  ["ioredis 5", ioredis(Redis5)],
  ["iovalkey", ioredis(Valkey)],
  ["node-redis 6", nodeRedis(redis6)],
  // The options that are used here are the same.
  ["node-redis 5", nodeRedis(redis5 as unknown as typeof redis6)],
];

function elector(given: RedisClient): Elector {
  const store = new RedisStore(given);
  const made = new Elector(store, "job", { ttl: 2000 });
  onTestFinished(async () => {
    await made.stop();
    await store.close();
  });
  return made;
}

describe.each(makers)("over TLS with a client of %s", (_, make) => {
  test("an authority of one's own and a certificate of the client elect a leader", async () => {
    const { ca } = authority;
    const made = elector(make("127.0.0.1", { ca, cert: client.cert, key: client.key }));
    await made.start();
    expect((await made.waitForLeadership()).token).toBeGreaterThan(0);
  });

  test("an authority that is not known is refused, with where it belongs", async () => {
    const made = elector(make("127.0.0.1", { cert: client.cert, key: client.key }));
    await expect(made.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringMatching(/certificate .*give the authority that signed it as tls\.ca/),
    });
  });

  test("a host whose name is not in the certificate is refused", async () => {
    const { ca } = authority;
    const made = elector(make("localhost", { ca, cert: client.cert, key: client.key }));
    await expect(made.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringMatching(/does not match certificate's altnames.*as tls\.servername/s),
    });
  });

  test("a server that asks for a certificate takes no client without one", async () => {
    const made = elector(make("127.0.0.1", { ca: authority.ca }));
    await expect(made.leader()).rejects.toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE" });
  });
});
