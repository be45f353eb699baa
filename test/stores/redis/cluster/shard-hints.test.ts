import { Cluster, Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { Elector } from "../../../../src/index.ts";
import { shardChannelOf } from "../../../../src/stores/redis/cluster/slot-tags.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { type ClusterNode, RedisCluster } from "../../../support/redis-cluster.ts";
import { acquireRequest, request } from "../../../support/requests.ts";
import { ways } from "./cluster-clients.ts";
import { SettledStore, Settler } from "./settled-store.ts";

// On a busy machine a failover takes its time.
vi.setConfig({ testTimeout: 90_000 });

let cluster: RedisCluster;
let client: Cluster;
let settler: Settler;
const stores: RedisStore[] = [];

function open(pattern: ConstructorParameters<typeof RedisStore>[0] = cluster.url): RedisStore {
  const store = new SettledStore(settler, pattern);
  stores.push(store);
  return store;
}

/** How often each command was called on all nodes since the last count. */
async function counts() {
  const nodes = client.nodes("all");
  const stats = await Promise.all(nodes.map((node) => node.info("commandstats")));
  await Promise.all(nodes.map((node) => node.config("RESETSTAT")));
  const callsOf = (name: string) =>
    [...stats.join("\n").matchAll(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, "gm"))]
      .map(([, calls]) => Number(calls))
      .reduce((sum, calls) => sum + calls, 0);
  return { inShard: callsOf("spublish"), everywhere: callsOf("publish") };
}

/** How many connections listen to the key in the shard of this node. */
async function listenersAt(node: ClusterNode, key: string): Promise<number> {
  const reply = await node.command("PUBSUB", "SHARDNUMSUB", shardChannelOf(key));
  return Number(reply.split("\n")[1]);
}

/** Watches until both channels are subscribed to. */
async function watch(store: RedisStore, key: string): Promise<string[]> {
  const heard: string[] = [];
  const owner = await cluster.ownerOf(key);
  const before = await listenersAt(owner, key);
  store.watch(key, (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  await expect.poll(() => listenersAt(owner, key)).toBe(before + 1);
  heard.length = 0;
  return heard;
}

/** One leader comes and goes. */
async function elect(store: RedisStore, key: string): Promise<void> {
  const asked = acquireRequest(key, { ttl: 60_000 });
  expect(await store.acquire(asked)).toMatchObject({ granted: true });
  expect(await store.release({ ...request(key), nonce: asked.nonce })).toEqual({ released: true });
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

/** A leader that stays, and how it is released. */
async function win(store: RedisStore, key: string) {
  const asked = acquireRequest(key, { ttl: 60_000 });
  expect(await store.acquire(asked)).toMatchObject({ granted: true });
  return () => store.release({ ...request(key), nonce: asked.nonce });
}

test.each(["{eu}:job", "a}b"])(
  "a hint for the key %s travels in the shard of its slot",
  async (key) => {
    const heard = await watch(open(), key);
    await counts();
    await elect(open(), key);
    await expect.poll(() => heard).toEqual(["changed", "released"]);
    expect(await counts()).toEqual({ inShard: 2, everywhere: 0 });
  },
);

test("a key that ioredis gives a prefix has its channel in the slot of both together", async () => {
  const pattern = () => new Cluster(cluster.addresses, { lazyConnect: true, keyPrefix: "app}:" });
  const heard: string[] = [];
  const owner = await cluster.ownerOf("app}:job");
  await settler.settle("app}:job");
  const store = new RedisStore(pattern());
  stores.push(store);
  store.watch("job", (hint) => heard.push(hint));
  await expect.poll(() => listenersAt(owner, "app}:job")).toBe(1);
  await expect.poll(() => heard).toEqual(["released"]);
  await counts();
  await elect(store, "job");
  await expect.poll(() => heard).toEqual(["released", "changed", "released"]);
  expect(await counts()).toEqual({ inShard: 2, everywhere: 0 });
});

test.each(Object.keys(ways).filter((way) => way !== "url"))(
  "when its slot is moved, %s listens in its new shard without having asked for anything",
  async (way) => {
    const key = `moving-${way}`;
    const release = await win(open(), key);
    const heard = await watch(open(ways[way]?.(cluster)), key);
    const to = await cluster.otherThan(await cluster.ownerOf(key));
    await cluster.migrate(key, to);
    // Until then a look for its slots may lead back.
    await cluster.agreeOn(to, key);
    await expect.poll(() => listenersAt(to, key), { timeout: 20_000 }).toBe(1);
    const usual = () => to.command("PUBSUB", "NUMSUB", `incumbent:{${key}}`);
    await expect.poll(usual, { timeout: 20_000 }).toMatch(/\n1$/);
    await expect.poll(() => heard).toContain("released");
    heard.length = 0;
    await counts();
    await release();
    await expect.poll(() => heard).toContain("released");
    expect(await counts()).toEqual({ inShard: 1, everywhere: 0 });
  },
);

test("a slot that is moved there and back leaves its listeners in the shard", async () => {
  const release = await win(open(), "returning");
  const heard = await watch(open(), "returning");
  const from = await cluster.ownerOf("returning");
  await cluster.migrate("returning", await cluster.otherThan(from));
  await cluster.migrate("returning", from);
  await expect.poll(() => listenersAt(from, "returning"), { timeout: 20_000 }).toBe(1);
  await release();
  await expect.poll(() => heard.at(-1)).toBe("released");
});

/** A connection of its own to the owner of a key, as processes of the version before have them. */
async function connectTo(key: string): Promise<Redis> {
  const redis = new Redis((await cluster.ownerOf(key)).url);
  onTestFinished(() => redis.disconnect());
  return redis;
}

test("processes that listen as the version before are woken, alone and beside one that does not", async () => {
  const earlier = await connectTo("rolling");
  const heardEarlier: string[] = [];
  earlier.on("message", (_, message: string) => heardEarlier.push(message.replace(/ .*/, "")));
  await earlier.subscribe("incumbent:{rolling}");
  await elect(open(), "rolling");
  await expect.poll(() => heardEarlier).toEqual(["changed", "released"]);
  const heard = await watch(open(), "rolling");
  await elect(open(), "rolling");
  await expect.poll(() => heardEarlier.slice(2)).toEqual(["changed", "released"]);
  await expect.poll(() => new Set(heard)).toEqual(new Set(["changed", "released"]));
  await earlier.unsubscribe();
  await counts();
  await elect(open(), "rolling");
  expect(await counts()).toEqual({ inShard: 2, everywhere: 0 });
});

test("a process that publishes as the version before wakes one that does not", async () => {
  const heard = await watch(open(), "rolling-back");
  const earlier = await connectTo("rolling-back");
  await earlier.publish("incumbent:{rolling-back}", "released 7");
  await expect.poll(() => heard).toEqual(["released"]);
});

test.each(["-spublish", "-ssubscribe", "-pubsub"])(
  "a user with %s hears every hint, and nothing is said of it",
  async (denied) => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    for (const node of cluster.nodes) {
      const rules = ["reset", "on", ">pw", "~*", "&*", "+@all", denied];
      await node.command("ACL", "SETUSER", "limited", ...rules);
    }
    const url = cluster.url.replace("//", "//limited:pw@");
    const heard: string[] = [];
    const store = open(url);
    store.watch("limited", (hint) => heard.push(hint));
    await expect.poll(() => heard).toEqual(["released"]);
    const owner = await cluster.ownerOf("limited");
    const isInShard = denied !== "-ssubscribe";
    if (isInShard) await expect.poll(() => listenersAt(owner, "limited")).toBe(1);
    await counts();
    await elect(store, "limited");
    await expect.poll(() => heard).toEqual(["released", "changed", "released"]);
    const isWithin = isInShard && !denied.includes("-spublish");
    expect((await counts()).everywhere).toBe(isWithin ? 0 : 2);
    expect(warn.mock.calls).toEqual([]);
  },
);

test("a candidate takes over within a moment of the leader's resignation, and no other shard hears of it", async () => {
  const [leader, follower] = ["one", "two"].map((nodeId) => {
    const elector = new Elector(open(), "hand-over", { ttl: 30_000, nodeId });
    onTestFinished(async () => void (await elector.stop()));
    return elector;
  });
  await leader?.start();
  await leader?.waitForLeadership();
  await follower?.start();
  await follower?.settled();
  const owner = await cluster.ownerOf("hand-over");
  const usual = () => owner.command("PUBSUB", "NUMSUB", "incumbent:{hand-over}");
  await expect.poll(usual).toMatch(/\n2$/);
  await expect.poll(() => listenersAt(owner, "hand-over")).toBe(2);
  await counts();
  const next = follower?.waitForLeadership();
  const resigned = performance.now();
  await leader?.resign();
  await next;
  expect(performance.now() - resigned).toBeLessThan(10_000);
  expect(await counts()).toEqual({ inShard: 2, everywhere: 0 });
});

test("a failover in order and a kill are followed", async () => {
  await watch(open(), "failing");
  const former = await cluster.ownerOf("failing");
  const second = await cluster.giveWay(former, "failing");
  await expect.poll(() => listenersAt(second, "failing"), { timeout: 20_000 }).toBe(1);
  await cluster.recovered();
  await second.kill();
  const third = await cluster.replaced(second, "failing");
  await expect.poll(() => listenersAt(third, "failing"), { timeout: 20_000 }).toBe(1);
  await second.start();
  await cluster.recovered();
});
