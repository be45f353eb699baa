import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

const LONG = 60_000;
const PATIENCE = { timeout: 20_000 };

describe("on a cluster of three members of etcd", () => {
  let members: EtcdServer[] = [];
  const opened: EtcdStore[] = [];
  beforeAll(async () => {
    members = await startEtcd(3);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await Promise.all(members.map((member) => member.stop()));
  });

  /** A store that prefers this member. */
  const open = (first = 0): EtcdStore => {
    const hosts = members.map((_, index) => {
      const { port } = members[(first + index) % members.length] ?? { port: 0 };
      return `127.0.0.1:${port}`;
    });
    const store = new EtcdStore(`etcd://${hosts.join(",")}`, { restartGuard: false });
    opened.push(store);
    return store;
  };
  const member = (index: number): EtcdServer => {
    const found = members[index];
    if (found === undefined) throw new Error(`there is no member ${index}`);
    return found;
  };
  /** A lease, and whether it can be renewed at the moment. */
  const lead = async (store: EtcdStore) => {
    const own = acquireRequest(randomUUID(), { ttl: LONG });
    const reply = await store.acquire(own);
    if (!reply.granted) throw new Error("refused");
    const renew = () => {
      const signal = AbortSignal.timeout(1500);
      const renewal = { ...renewRequest(own, reply.token), signal };
      return store.renew(renewal).catch(() => undefined);
    };
    return { renew };
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

  test("a leader renews its lease when the member that it asks is killed", async () => {
    const store = open(0);
    const { renew } = await lead(store);
    await member(0).kill();
    await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
    await member(0).start();
  }, 60_000);

  test("a leader renews its lease, whichever member stands still", async () => {
    const { renew } = await lead(open());
    for (const still of members) {
      still.pause();
      try {
        await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
      } finally {
        still.resume();
      }
    }
  }, 60_000);

  test("nothing is granted without a majority, and elections go on when it is back", async () => {
    const store = open(0);
    const { renew } = await lead(store);
    await Promise.all([member(1).kill(), member(2).kill()]);
    const signal = AbortSignal.timeout(3000);
    const wish = acquireRequest(randomUUID(), { ttl: LONG, signal });
    await expect(open(0).acquire(wish)).rejects.toMatchObject({ applied: "maybe" });
    expect(await renew()).toBeUndefined();
    await Promise.all([member(1).start(), member(2).start()]);
    await expect.poll(renew, PATIENCE).toEqual({ renewed: true });
  }, 90_000);
});
