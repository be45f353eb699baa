import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hint } from "../../../src/stores/lease-store.ts";
import { ZookeeperStore } from "../../../src/zookeeper.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { askWord, startEnsemble, type ZookeeperServer } from "../../support/zookeeper-server.ts";

const LONG = 60_000;
const PATIENCE = { timeout: 20_000 };

describe("on an ensemble of three servers of ZooKeeper", () => {
  let servers: ZookeeperServer[] = [];
  const opened: ZookeeperStore[] = [];
  beforeAll(async () => {
    servers = await startEnsemble(3, { java: ["-Dreadonlymode.enabled=true"] });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** A store that prefers this server. */
  const open = (first = 0): ZookeeperStore => {
    const hosts = servers.map((_, index) => {
      const { port } = servers[(first + index) % servers.length] ?? { port: 0 };
      return `127.0.0.1:${port}`;
    });
    const store = new ZookeeperStore(`zookeeper://${hosts.join(",")}`, { restartGuard: false });
    opened.push(store);
    return store;
  };
  const server = (index: number): ZookeeperServer => {
    const found = servers[index];
    if (found === undefined) throw new Error(`there is no server ${index}`);
    return found;
  };
  /** A lease, and whether it can be renewed at the moment. */
  const lead = async (store: ZookeeperStore, key = randomUUID()) => {
    const own = acquireRequest(key, { ttl: LONG });
    const reply = await store.acquire(own);
    if (!reply.granted) throw new Error("refused");
    const renew = () => {
      const signal = AbortSignal.timeout(1500);
      const renewal = { ...renewRequest(own, reply.token), signal };
      return store.renew(renewal).catch(() => undefined);
    };
    const release = () => store.release({ ...own, notAfter: own.clock.now() + LONG });
    return { own, renew, release: () => release().catch(() => undefined) };
  };

  test("of 50 rivals one is elected in each of 20 rounds, with a larger token", async () => {
    const stores = Array.from({ length: 50 }, (_, index) => open(index % 3));
    const key = randomUUID();
    let last = 0;
    for (let round = 0; round < 20; round += 1) {
      const wishes = stores.map((store) => ({ store, wish: acquireRequest(key, { ttl: LONG }) }));
      const replies = await Promise.all(wishes.map(({ store, wish }) => store.acquire(wish)));
      const tokens = replies.flatMap((reply) => (reply.granted ? [reply.token] : []));
      expect(tokens).toHaveLength(1);
      expect(tokens[0]).toBeGreaterThan(last);
      last = tokens[0] ?? 0;
      const winner = wishes[replies.findIndex(({ granted }) => granted)];
      await winner?.store.release(winner.wish);
    }
  }, 120_000);

  test("what one server has taken is seen through one that was behind", async () => {
    const modes = await Promise.all(servers.map(({ port }) => askWord(port, "srvr")));
    const behind = modes.findIndex((said) => said.includes("Mode: follower"));
    const [reader, writer] = [open(behind), open(modes.findIndex((said) => /leader/.test(said)))];
    await reader.read(request("job"));
    for (let round = 0; round < 20; round += 1) {
      const keys = Array.from({ length: 20 }, () => randomUUID());
      const wishes = keys.map((key) => acquireRequest(key, { ttl: LONG }));
      server(behind).pause();
      await Promise.all(wishes.map((wish) => writer.acquire(wish)));
      const found = Promise.all(keys.map((key) => reader.read(request(key))));
      server(behind).resume();
      expect(await found).not.toContain(undefined);
    }
  }, 60_000);

  test("a leader renews its lease when the server that it asks is killed", async () => {
    const { renew } = await lead(open(0));
    await server(0).kill();
    await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
    const findings = await findingsOf(open(1));
    expect(troubles(findings)).toEqual(["warning servers"]);
    await server(0).start();
    expect(troubles(await findingsOf(open(1)))).toEqual([]);
  }, 60_000);

  test("a leader renews its lease, whichever server stands still, and candidates hear of its release", async () => {
    const candidate = open(2);
    const { own, renew, release } = await lead(open());
    const hints: Hint[] = [];
    candidate.watch(own.key, (hint) => hints.push(hint));
    for (const still of servers) {
      still.pause();
      try {
        await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
      } finally {
        still.resume();
      }
    }
    hints.length = 0;
    await expect.poll(release, PATIENCE).toEqual({ released: true });
    await expect.poll(() => hints, PATIENCE).toContain("released");
  }, 120_000);

  test("nothing is granted without a majority, not even by a read-only server, and elections go on when it is back", async () => {
    const { renew } = await lead(open(0));
    await Promise.all([server(1).kill(), server(2).kill()]);
    const modeOf = () => askWord(server(0).port, "srvr");
    await expect.poll(modeOf, PATIENCE).toContain("Mode: read-only");
    const signal = AbortSignal.timeout(3000);
    const wish = acquireRequest(randomUUID(), { ttl: LONG, signal });
    await expect(open(0).acquire(wish)).rejects.toThrow();
    expect(await renew()).toBeUndefined();
    expect(troubles(await findingsOf(open(0)))).toEqual(["error reachable"]);
    await Promise.all([server(1).start(), server(2).start()]);
    await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
  }, 90_000);
});
