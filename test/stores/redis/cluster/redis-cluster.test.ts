import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { RedisElector } from "../../../../src/redis.ts";
import { shardChannelOf } from "../../../../src/stores/redis/cluster/slot-tags.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";
import { acquireRequest, renewRequest, request } from "../../../support/requests.ts";
import { Settler } from "./settled-store.ts";

// On a busy machine a failover takes its time.
vi.setConfig({ testTimeout: 90_000 });

let cluster: RedisCluster;
let client: Cluster;
let settler: Settler;
const stores: RedisStore[] = [];

function open(): RedisStore {
  const store = new RedisStore(cluster.url);
  stores.push(store);
  return store;
}

/** A key that its primary has long known: it waits for nothing. */
async function win(store: RedisStore, key: string) {
  await settler.settle(key);
  const asked = acquireRequest(key, { ttl: 60_000 });
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return { asked, token: reply.token };
}

beforeAll(async () => {
  cluster = await RedisCluster.start();
  client = new Cluster(cluster.addresses, { lazyConnect: true });
  await client.connect();
  settler = new Settler(client);
}, 60_000);
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  client.disconnect();
  await cluster.stop();
});

test("renewals of one tick are all answered while some keys of their slot have moved and others have not", async () => {
  const store = open();
  const keys = ["{eu}:a", "{eu}:b", "{eu}:c", "elsewhere", "{us}:a"];
  const wins = await Promise.all(keys.map((key) => win(store, key)));
  const renewAll = () =>
    Promise.all(
      wins.map(({ asked, token }) => store.renew(renewRequest(asked, token, { ttl: 60_000 }))),
    );
  const renewed = keys.map(() => ({ renewed: true }));
  expect(await renewAll()).toEqual(renewed);
  const from = await cluster.ownerOf("{eu}");
  const to = await cluster.otherThan(from);
  let looks = 0;
  await cluster.migrate("{eu}", to, async () => {
    looks += 1;
    // Before any key goes, when one of three has gone, and when all have.
    if (looks === 1)
      await from.command("MIGRATE", "127.0.0.1", `${to.port}`, "{eu}:b", "0", "5000");
    expect(await renewAll()).toEqual(renewed);
  });
  expect(await renewAll()).toEqual(renewed);
  expect(await to.command("HGET", "{eu}:a", "nonce")).toBe(wins[0]?.asked.nonce);
});

test("a lease moves with its slot, no candidate is elected for a ttl, and a release there wakes a watcher", async () => {
  const store = open();
  const { asked, token } = await win(store, "moving");
  expect(await store.renew(renewRequest(asked, token, { ttl: 60_000 }))).toEqual({ renewed: true });
  const heard: string[] = [];
  open().watch("moving", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  await cluster.migrate("moving", await cluster.otherThan(await cluster.ownerOf("moving")));
  const candidate = acquireRequest("moving");
  expect(await open().acquire(candidate)).toMatchObject({ granted: false, reason: "quarantine" });
  expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  heard.length = 0;
  expect(await store.release({ ...request("moving"), nonce: asked.nonce })).toEqual({
    released: true,
  });
  await expect.poll(() => heard).toContain("released");
});

test("a user with the rights that the docs list takes part, through a slot that is being moved as well", async () => {
  const docs = readFileSync("docs/stores/redis.md", "utf8");
  const rules = /ACL SETUSER (elections on >PASSWORD [^`]*\+asking)/.exec(docs)?.[1] ?? "";
  const [user = "", ...rest] = rules.split(/\s+/);
  for (const node of cluster.nodes) await node.command("ACL", "SETUSER", user, ...rest);
  const store = new RedisStore(cluster.url.replace("//", `//${user}:PASSWORD@`));
  stores.push(store);
  const { asked, token } = await win(store, "billing:x");
  const heard: string[] = [];
  store.watch("billing:x", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  const owner = await cluster.ownerOf("billing:x");
  const channel = shardChannelOf("billing:x");
  await expect.poll(() => owner.command("PUBSUB", "SHARDNUMSUB", channel)).toBe(`${channel}\n1`);
  expect(await store.renew(renewRequest(asked, token, { ttl: 60_000 }))).toEqual({ renewed: true });
  await cluster.migrate(
    "billing:x",
    await cluster.otherThan(await cluster.ownerOf("billing:x")),
    async () => {
      expect(await store.renew(renewRequest(asked, token, { ttl: 60_000 }))).toEqual({
        renewed: true,
      });
    },
  );
  heard.length = 0;
  await store.release({ ...request("billing:x"), nonce: asked.nonce });
  await expect.poll(() => heard).toContain("released");
});

test("a node that is down holds up no election of another, and a lone request to it fails by its deadline", async () => {
  const store = open();
  const keys = ["one", "two", "three", "four", "five", "six"];
  const wins = await Promise.all(keys.map((key) => win(store, key)));
  const owners = await Promise.all(keys.map((key) => cluster.ownerOf(key)));
  const [frozen] = owners;
  frozen?.pause();
  try {
    const elsewhere = wins.filter((_, index) => owners[index] !== frozen);
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(elsewhere.length).toBeLessThan(wins.length);
    const deadline = new AbortController();
    const stuck = store.read({ ...request("one"), signal: deadline.signal });
    let isStuck = true;
    const ended = stuck.catch(() => {}).finally(() => (isStuck = false));
    for (const { asked } of elsewhere) await store.read(request(asked.key));
    expect(isStuck).toBe(true);
    deadline.abort();
    await ended;
    await expect(stuck).rejects.toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT" });
  } finally {
    frozen?.resume();
  }
});

test("a store that is closed while a request is on its way opens no connection again", async () => {
  const store = open();
  await win(store, "closed");
  const owner = await cluster.ownerOf("closed");
  const nodes = await cluster.primaries();
  const connections = async () => {
    const lists = await Promise.all(nodes.map((node) => node.command("CLIENT", "LIST")));
    return lists.join("\n").match(/cmd=(cluster\|slots|evalsha|client\|setinfo)\b/g) ?? [];
  };
  await vi.waitUntil(async () => (await connections()).length > 0);
  owner.pause();
  const stuck = store.read(request("closed")).catch((error: Error) => error.message);
  try {
    await new Promise(setImmediate);
    await store.close();
    await stuck;
  } finally {
    owner.resume();
  }
  // A look for the slots that the failed request began would have asked by then.
  await sleep(300);
  expect(await connections()).toEqual([]);
});

test("an elector that is stopped soon after its start leaves no connection, whatever it was doing", async () => {
  const left = async () => {
    const lists = await Promise.all(cluster.nodes.map((node) => node.command("CLIENT", "LIST")));
    return lists.join("\n").match(/name=brief-\d+ /g) ?? [];
  };
  for (const life of [1, 5, 10, 20, 30, 45, 60, 80, 100, 150]) {
    const url = `${cluster.url}?connectionName=brief-${life}`;
    const elector = new RedisElector(url, `brief ${life}`, { ttl: 3000 });
    await elector.start();
    await sleep(life);
    await elector.stop();
  }
  // Looks at other nodes that were put off would have begun by then.
  await sleep(600);
  expect(await left()).toEqual([]);
});

test("what a primary grants that was replaced while it was paused does not count", async () => {
  await cluster.recovered();
  const store = open();
  const { asked } = await win(store, "job");
  await store.release({ ...request("job"), nonce: asked.nonce });
  const former = await cluster.ownerOf("job");
  former.pause();
  await cluster.replaced(former, "job");
  // It knows of no failover, and its request is the first thing that the former primary reads.
  const late = acquireRequest("job", { ttl: 60_000 });
  const settled = store.acquire(late).then(
    (reply) => (reply.granted ? "granted" : reply.reason),
    (error: Error) => error.message,
  );
  await sleep(50);
  former.resume();
  expect(await settled).toMatch(/^quarantine$|no longer at|do not say/);
});
