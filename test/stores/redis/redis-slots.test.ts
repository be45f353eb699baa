import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

let redis: RedisServer;
let proxy: Server;
const stores: RedisStore[] = [];

/** Over a proxy that hides that the server is part of a cluster. */
function open(): RedisStore {
  const { port } = proxy.address() as AddressInfo; // It listens on a port, not on a pipe.
  const store = new RedisStore(`redis://127.0.0.1:${port}`);
  stores.push(store);
  return store;
}

/** After the wait of a new key. */
async function win(store: RedisStore, key: string) {
  for (;;) {
    const asked = acquireRequest(key, { ttl: 200 });
    const reply = await store.acquire(asked);
    if (reply.granted) return { asked, token: reply.token };
    expect(reply.reason).toBe("quarantine");
    await sleep(reply.retryIn);
  }
}

async function refusals(): Promise<string | undefined> {
  const stats = await redis.command("INFO", "errorstats");
  return /CROSSSLOT:count=(\d+)/.exec(stats)?.[1];
}

beforeAll(async () => {
  redis = await startRedis(["--cluster-enabled", "yes"]);
  await redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  while (!(await redis.command("CLUSTER", "INFO")).includes("cluster_state:ok")) await sleep(10);
  proxy = createServer((client) => {
    const server = connect(redis.port, "127.0.0.1");
    client.pipe(server);
    server.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      client.write(text.replaceAll("$7\r\ncluster\r\n", "$10\r\nstandalone\r\n"), "latin1");
    });
    for (const socket of [client, server]) socket.on("error", () => {});
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  proxy.close();
  await redis.stop();
});

test("an address that calls itself one server and refuses scripts over several slots elects all the same", async () => {
  const store = open();
  // Two elections in two slots, one of them with a hash tag of its own.
  for (const key of ["job", "mail:{eu}:digest"]) {
    const { asked, token } = await win(store, key);
    expect(await store.renew(renewRequest(asked, token, { ttl: 60_000 }))).toEqual({
      renewed: true,
    });
    expect(await redis.command("HGET", key, "nonce")).toBe(asked.nonce);
    expect(await open().acquire(acquireRequest(key))).toMatchObject({ reason: "held" });
    await store.release({ ...request(key), nonce: asked.nonce });
    await win(store, key);
  }
});

test("what it refused is remembered", async () => {
  const store = open();
  await win(store, "first");
  const before = await refusals();
  expect(before).toBeDefined();
  await win(store, "second");
  expect(await refusals()).toBe(before);
});
