import { Cluster } from "ioredis";
import { expect, onTestFinished, test, vi } from "vitest";
import { findingsOf } from "../../../support/findings.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";
import { acquireRequest, request } from "../../../support/requests.ts";
import { SettledStore, Settler } from "./settled-store.ts";

test("servers without sharded pub/sub pass hints on as before, and no connection waits for them", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const missing = ["SPUBLISH", "SSUBSCRIBE"].flatMap((name) => ["--rename-command", name, ""]);
  const cluster = await RedisCluster.start({ primaries: 2, replicas: false, args: missing });
  onTestFinished(() => cluster.stop());
  const client = new Cluster(cluster.addresses, { lazyConnect: true });
  onTestFinished(() => client.disconnect());
  await client.connect();
  const store = new SettledStore(new Settler(client), `${cluster.url}?connectionName=ours`);
  onTestFinished(() => store.close());
  const heard: string[] = [];
  store.watch("job", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  const asked = acquireRequest("job", { ttl: 60_000 });
  expect(await store.acquire(asked)).toMatchObject({ granted: true });
  await store.release({ ...request("job"), nonce: asked.nonce });
  await expect.poll(() => heard).toEqual(["released", "changed", "released"]);
  // One for commands and one that is subscribed, at the node that has the slot.
  const owner = await cluster.ownerOf("job");
  const own = async () => (await owner.command("CLIENT", "LIST")).match(/ name=ours /g);
  await expect.poll(own).toHaveLength(2);
  expect(warn.mock.calls).toEqual([]);
  const shard = (await findingsOf(store)).find(({ check }) => check === "shard");
  expect(shard).toMatchObject({ level: "note", remedy: "Use Redis 7 or later." });
});
