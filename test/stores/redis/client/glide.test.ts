import { GlideClient, GlideClusterClient } from "@valkey/valkey-glide";
import { Redis } from "ioredis";
import * as redis from "redis";
import { describe, expect, onTestFinished, test } from "vitest";
import { RedisElector } from "../../../../src/redis.ts";
import { RedisQuorumElector, RedisQuorumStore } from "../../../../src/redis-quorum.ts";
import type { TlsSettings } from "../../../../src/stores/redis/client/client-options.ts";
import {
  type GlideSettings,
  glideSettings,
} from "../../../../src/stores/redis/client/glide-client.ts";
import { ioredisAt, nodeRedisAt } from "../../../../src/stores/redis/connection/redis-packages.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import type { Place } from "../../../../src/stores/redis/url/redis-url.ts";
import { makeAuthority } from "../../../support/certificates.ts";
import { freePort } from "../../../support/free-port.ts";
import { ownFolder } from "../../../support/own-process.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { request } from "../../../support/requests.ts";

type Configuration = Parameters<typeof GlideClient.createClient>[0];

const options = { ttl: 2000, restartGuard: false };
const nowhere = { host: "127.0.0.1", port: 1 };

/** A client of the user's, which is ended with the test. */
async function glide(configuration: Configuration): Promise<GlideClient> {
  const client = await GlideClient.createClient({ lazyConnect: true, ...configuration });
  onTestFinished(() => client.close());
  return client;
}

async function server(args: readonly string[] = []): Promise<RedisServer> {
  const redis = await startRedis(args);
  onTestFinished(() => redis.stop());
  return redis;
}

function elector(client: GlideClient | GlideClusterClient, key = "job"): RedisElector {
  const made = new RedisElector(client, key, options);
  onTestFinished(() => made.stop().then(() => {}));
  return made;
}

/** Elects one, stops it, and waits until the other one leads, which only a hint brings about before its next look. */
async function handOver(client: GlideClient | GlideClusterClient, key?: string): Promise<void> {
  const [first, second] = [elector(client, key), elector(client, key)];
  await first.start();
  const { token } = await first.waitForLeadership();
  await second.start();
  expect((await second.settled()).leader?.token).toBe(token);
  const next = second.waitForLeadership();
  await first.stop();
  expect((await next).token).toBeGreaterThan(token);
}

describe("a client of GLIDE", () => {
  test("elects, hears of a release, and stays usable after the electors have stopped", async () => {
    const { port } = await server();
    const client = await glide({ addresses: [{ host: "127.0.0.1", port }] });
    await handOver(client);
    expect(await client.customCommand(["PING"])).toBe("PONG");
  });

  test("with user, password and database elects in this database as this user", async () => {
    const redis = await server();
    await redis.command("ACL", "SETUSER", "über@uns", "on", ">p:s/w@%", "~*", "&*", "+@all");
    const client = await glide({
      addresses: [{ host: "127.0.0.1", port: redis.port }],
      credentials: { username: "über@uns", password: "p:s/w@%" },
      databaseId: 3,
      clientName: "billing",
    });
    const leader = elector(client);
    await leader.start();
    await leader.waitForLeadership();
    expect(await redis.command("-n", "3", "HGET", "job", "token")).not.toBe("");
    expect(await redis.command("CLIENT", "LIST")).toMatch(/name=billing .*db=3 .*user=über@uns/);
  });

  test("finds the primary among several addresses, and the next one after a failover", async () => {
    const [primary, replica] = await Promise.all([server(), server()]);
    await replica.command("REPLICAOF", "127.0.0.1", String(primary.port));
    const addresses = [replica, primary].map(({ port }) => ({ host: "127.0.0.1", port }));
    const leader = elector(await glide({ addresses: [...addresses, nowhere] }));
    await leader.start();
    const { token } = await leader.waitForLeadership();
    await leader.stop();
    await replica.command("REPLICAOF", "NO", "ONE");
    await primary.command("REPLICAOF", "127.0.0.1", String(replica.port));
    const next = elector(await glide({ addresses }));
    await next.start();
    expect((await next.waitForLeadership()).token).toBeGreaterThan(token);
  });

  test("is refused if two of its addresses are primaries, and the error names each failure if none is", async () => {
    const servers = await Promise.all([server(), server()]);
    const addresses = servers.map(({ port }) => ({ host: "127.0.0.1", port }));
    const torn = elector(await glide({ addresses }));
    const [one = "", other = ""] = addresses.map(({ port }) => `127.0.0.1:${port}`);
    const error: Error = await torn.leader().catch((reason) => reason);
    expect(error.message).toMatch(/127\.\d.* and 127\..* both say that they are the primary/);
    expect(error.message).toContain(one);
    expect(error.message).toContain(other);
    const lost = elector(await glide({ addresses: [nowhere, { ...nowhere, port: 2 }] }));
    await expect(lost.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringMatching(
        /127\.0\.0\.1:1: .*ECONNREFUSED.*127\.0\.0\.1:2: .*ECONNREFUSED/,
      ),
    });
  });

  test("whose settings are changed connects with the new ones", async () => {
    const redis = await server(["--requirepass", "old"]);
    const credentials = { password: "old" };
    const addresses = [{ host: "127.0.0.1", port: redis.port }];
    const store = new RedisStore(await glide({ addresses, credentials }));
    onTestFinished(() => store.close());
    const read = () => store.read(request("job"));
    expect(await read()).toBeUndefined();
    await redis.command("-a", "old", "CONFIG", "SET", "requirepass", "new");
    credentials.password = "new";
    await store.close();
    expect(await read()).toBeUndefined();
  });

  test("of a cluster elects on the node that has the key", async () => {
    const cluster = await RedisCluster.start({ replicas: false });
    onTestFinished(() => cluster.stop());
    const { addresses } = cluster;
    const client = await GlideClusterClient.createClient({ addresses, lazyConnect: true });
    onTestFinished(() => client.close());
    for (const key of ["job", "another job", "{tag}"]) await handOver(client, key);
  });

  test("of a cluster is refused as one server of a quorum", async () => {
    const settings = { addresses: [nowhere], lazyConnect: true };
    const client = await GlideClusterClient.createClient(settings);
    onTestFinished(() => client.close());
    const servers = [client, "redis://127.0.0.1:1", "redis://127.0.0.1:2"];
    expect(() => new RedisQuorumStore(servers)).toThrow(/^client must be a client of one server /);
  });

  test("is one server of a quorum", async () => {
    const servers = await Promise.all([server(), server(), server()]);
    const clients = await Promise.all(
      servers.map(({ port }) => glide({ addresses: [{ host: "127.0.0.1", port }] })),
    );
    const leader = new RedisQuorumElector(clients, "job", options);
    onTestFinished(() => leader.stop().then(() => {}));
    await leader.start();
    expect((await leader.waitForLeadership()).token).toBeGreaterThan(0);
  });
});

async function tlsServer(): Promise<{ port: number; ca: string }> {
  const folder = ownFolder("glide-tls");
  onTestFinished(() => folder.remove());
  const authority = makeAuthority(folder.path);
  const { certFile, keyFile } = authority.sign("server", "DNS:redis.internal,IP:127.0.0.1");
  const port = await freePort();
  const files = ["--tls-cert-file", certFile, "--tls-key-file", keyFile];
  const own = ["--tls-port", String(port), "--tls-ca-cert-file", authority.caFile];
  await server([...own, ...files, "--tls-auth-clients", "no"]);
  return { port, ca: authority.ca };
}

describe("over TLS a client of GLIDE", () => {
  test("elects with an authority of its own, given as text or as bytes", async () => {
    const { port, ca } = await tlsServer();
    for (const rootCertificates of [ca, Buffer.from(ca)]) {
      const client = await glide({
        addresses: [{ host: "127.0.0.1", port }],
        useTLS: true,
        advancedConfiguration: { tlsAdvancedConfiguration: { rootCertificates } },
      });
      const leader = elector(client);
      await leader.start();
      await leader.waitForLeadership();
      await leader.stop();
    }
  });

  test("is refused by a certificate of an unknown authority, unless any will do", async () => {
    const { port } = await tlsServer();
    const settings = { addresses: [{ host: "127.0.0.1", port }], useTLS: true };
    await expect(elector(await glide(settings)).leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      message: expect.stringMatching(/certificate/),
    });
    const advancedConfiguration = { tlsAdvancedConfiguration: { insecure: true } };
    const leader = elector(await glide({ ...settings, advancedConfiguration }));
    expect(await leader.leader()).toBeUndefined();
  });
});

test.each([
  ["ioredis 6", (place: Place, tls: TlsSettings) => ioredisAt({ Redis }, place, tls)],
  ["node-redis 6", (place: Place, tls: TlsSettings) => nodeRedisAt(redis, place, tls)],
])("%s connects over TLS with these settings, and not without them", async (_, openAt) => {
  const { port, ca } = await tlsServer();
  const connect = async (tls: TlsSettings) => {
    const driver = openAt({ href: `rediss://127.0.0.1:${port}` }, tls)({ lost() {} });
    onTestFinished(() => driver.end());
    await driver.connect();
    return driver.send(["PING"]);
  };
  expect(await connect({ ca })).toBe("PONG");
  expect(await connect({ rejectUnauthorized: false })).toBe("PONG");
  await expect(connect({})).rejects.toThrow(/certificate/);
});

describe("the settings of a client of GLIDE", () => {
  const settingsOf = async (configuration: Partial<Configuration>): Promise<GlideSettings> =>
    glideSettings(await glide({ addresses: [{ host: "::1" }], ...configuration }));

  test("have the usual port, and no login, if the client has none", async () => {
    const { addresses, hrefOf, tls } = await settingsOf({});
    expect(addresses).toEqual(["::1:6379"]);
    expect(hrefOf("::1:6379")).toBe("redis://[::1]:6379/0");
    expect(tls).toBeUndefined();
  });

  test("have an address once that was given twice", async () => {
    const addresses = [{ host: "a" }, { host: "a", port: 6379 }, { host: "b" }];
    expect((await settingsOf({ addresses })).addresses).toEqual(["a:6379", "b:6379"]);
  });

  test("resolve an address as the client does, and keep it if that fails", async () => {
    const addressResolver = (host: string, port: number): [string, number] => {
      if (host === "inside") return ["10.0.0.5", port + 1];
      throw new Error("unknown");
    };
    const { reach } = await settingsOf({ addressResolver });
    expect(reach("inside:6379")).toBe("10.0.0.5:6380");
    expect(reach("outside:6379")).toBe("outside:6379");
  });

  test.each([
    ["a host in brackets", [{ host: "[::1]" }], '"[::1]:6379"'],
    ["a host with a space", [{ host: "bad host", port: 7 }], '"bad host:7"'],
    ["no host", [], "an array"],
  ])("with %s are refused", async (_, addresses, shown) => {
    const client = { customCommand() {}, invokeScript() {}, config: { addresses } };
    expect(() => new RedisStore(client as unknown as GlideClient)).toThrow(
      `addresses of the client must be at least one host and port, without brackets or a scheme; got ${shown}. Example: [{ host: "10.0.0.1", port: 6379 }].`,
    );
  });

  test("with a database are refused on a cluster", () => {
    const config = { addresses: [nowhere], databaseId: 1 };
    const client = { customCommand() {}, invokeScript() {}, pubsubShardChannels() {}, config };
    expect(() => new RedisStore(client as unknown as GlideClient)).toThrow(
      "databaseId of the client must be 0 or left out, since a cluster has no other database; got 1. Example: 0.",
    );
  });

  test("with credentials of IAM are refused, and not shown", () => {
    const credentials = { username: "app", iamConfig: { clusterName: "hush" } };
    const config = { addresses: [nowhere], credentials };
    const client = { customCommand() {}, invokeScript() {}, config };
    expect(() => new RedisStore(client as unknown as GlideClient)).toThrow(
      'credentials of the client must have a password: the tokens of IAM are made inside @valkey/valkey-glide, and only for its own connections; got "iamConfig". Example: credentials: { username: "app", password }, or a URL.',
    );
  });

  test("are missed by name if a client does not show them", () => {
    const client = { customCommand() {}, invokeScript() {} };
    expect(() => new RedisStore(client as unknown as GlideClient)).toThrow(
      /^client must be a client of @valkey\/valkey-glide that shows its configuration; /,
    );
  });
});
