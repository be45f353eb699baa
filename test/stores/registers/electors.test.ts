import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConsulElector } from "../../../src/consul.ts";
import { DynamodbElector } from "../../../src/dynamodb.ts";
import type { Elector, ElectorOptions } from "../../../src/index.ts";
import { NatsElector } from "../../../src/nats.ts";
import { ZookeeperElector } from "../../../src/zookeeper.ts";
import { consulProgram } from "../../support/consul-program.ts";
import { startConsul } from "../../support/consul-server.ts";
import { startDynamodb } from "../../support/dynamodb-server.ts";
import { startNats } from "../../support/nats-server.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { startZookeeper } from "../../support/zookeeper-server.ts";

interface Kind {
  readonly name: string;
  /** The server, and how to end it. */
  start(): Promise<{ readonly port: number; stop(): Promise<void> }>;
  elector(port: number, key: string, options: Options): Elector;
}

type Options = ElectorOptions & { readonly restartGuard?: boolean };

const kinds: readonly Kind[] = [
  {
    name: "NatsElector",
    start: startNats,
    elector: (port, key, options) => new NatsElector(`nats://127.0.0.1:${port}`, key, options),
  },
  {
    name: "ZookeeperElector",
    start: startZookeeper,
    elector: (port, key, options) =>
      new ZookeeperElector(`zookeeper://127.0.0.1:${port}`, key, options),
  },
  {
    name: "DynamodbElector",
    start: async () => {
      const server = await startDynamodb();
      await server.createTable("incumbent");
      process.env["AWS_ACCESS_KEY_ID"] = "none";
      process.env["AWS_SECRET_ACCESS_KEY"] = "none";
      return server;
    },
    elector: (port, key, options) => {
      const place = `dynamodb://incumbent?region=local&endpoint=http://127.0.0.1:${port}`;
      return new DynamodbElector(place, key, options);
    },
  },
];

const ofConsul: Kind = {
  name: "ConsulElector",
  start: startConsul,
  elector: (port, key, options) => new ConsulElector(`consul://127.0.0.1:${port}`, key, options),
};

// Debian has no Consul since version 11, so a machine may be without.
const all = consulProgram() === undefined ? kinds : [...kinds, ofConsul];

describe.each(all)("a $name", ({ start, elector }) => {
  let server: Awaited<ReturnType<Kind["start"]>>;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await start();
    proxy = await startProxy(server.port);
  }, 60_000);
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  const options = { ttl: 3000, restartGuard: false };

  test("leads, and hands over to another one when it stops", async () => {
    const key = randomUUID();
    const [first, second] = [elector(proxy.port, key, options), elector(proxy.port, key, options)];
    await first.start();
    const before = await first.waitForLeadership();
    await second.start();
    expect(second.isLeader()).toBe(false);
    expect(await first.stop()).toBe("confirmed");
    const after = await second.waitForLeadership();
    expect(after.token).toBeGreaterThan(before.token);
    expect(await second.stop()).toBe("confirmed");
  }, 30_000);

  test("shares its store with those of the same URL and options, and the last closes it", async () => {
    const electors = Array.from({ length: 20 }, () => elector(proxy.port, randomUUID(), options));
    await Promise.all(electors.map((each) => each.start()));
    await Promise.all(electors.map((each) => each.waitForLeadership()));
    // An HTTP client opens a connection for each of the requests that are under way at once.
    const [last, ...others] = electors;
    await Promise.all(others.map((each) => each.stop()));
    expect(last?.isLeader()).toBe(true);
    expect(proxy.connections).toBeGreaterThan(0);
    await last?.stop();
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(0);
  }, 30_000);

  test("refuses an option that is none of its own or of its store", () => {
    const wrong = { ...options, quorum: 2 };
    expect(() => elector(proxy.port, "job", wrong)).toThrow(/quorum/);
    expect(() => elector(proxy.port, "job", { ttl: 5 })).toThrow(/ttl/);
  });
});
