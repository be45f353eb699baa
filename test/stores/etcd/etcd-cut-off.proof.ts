import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import type { Hint } from "../../../src/stores/lease-store.ts";
import { type EtcdPeers, etcdPeers } from "../../support/etcd-peers.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

const LONG = 60_000;
const PATIENCE = { timeout: 20_000 };

describe("if the member of a cluster that all prefer is cut off from the others, and led them", () => {
  const opened: EtcdStore[] = [];
  /** Where each member listens for the others. */
  const listening: number[] = [];
  let peers: EtcdPeers;
  let members: EtcdServer[] = [];
  beforeAll(async () => {
    peers = etcdPeers();
    const through = (peer: number) => {
      listening.push(peer);
      return peers.through(peer);
    };
    members = await startEtcd(3, { through });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await Promise.all(members.map((member) => member.stop()));
    peers.close();
  });

  const open = (...ports: readonly number[]): EtcdStore => {
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
    const store = new EtcdStore(`etcd://${hosts}`, { restartGuard: false });
    opened.push(store);
    return store;
  };
  /** The member that leads the others, what it is called by them, and at which place it is. */
  const leaderOfAll = async () => {
    const status = await Promise.all(members.map(({ call }) => call("maintenance/status", {})));
    const place = status.findIndex(({ header, leader }) => {
      return Reflect.get(Object(header), "member_id") === leader;
    });
    return { place, id: BigInt(String(status[place]?.["leader"])).toString(16) };
  };

  test("its leader renews, it elects no other, and a release is heard", async () => {
    const { place, id } = await leaderOfAll();
    const all = members.map(({ port }) => port);
    const preferred = [...all.slice(place), ...all.slice(0, place)];
    const [lost = 0] = preferred;
    const [holder, follower, captive] = [open(...preferred), open(...preferred), open(lost)];
    const key = randomUUID();
    const own = acquireRequest(key, { ttl: LONG });
    const reply = await holder.acquire(own);
    const wish = (store: EtcdStore) => {
      const signal = AbortSignal.timeout(1500);
      return store.acquire(acquireRequest(key, { ttl: 500, signal })).catch((error) => error.code);
    };
    expect(await wish(follower)).toMatchObject({ reason: "held" });
    expect(await wish(captive)).toMatchObject({ reason: "held" });
    const hints: Hint[] = [];
    follower.watch?.(key, (hint) => hints.push(hint));
    const renew = (metadata?: string) => {
      const signal = AbortSignal.timeout(1500);
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      return holder.renew({ ...renewal, metadata, signal }).catch(() => undefined);
    };
    // Until the watch stands.
    for (let changed = 0; hints.length === 0; changed += 1) await renew(String(changed));
    hints.length = 0;

    peers.cutOff(id, listening[place] ?? 0);
    await expect.poll(() => renew(), PATIENCE).toEqual({ renewed: true });
    // A member without a majority answers nothing, not even a read.
    expect(await wish(captive)).toMatch(/^INCUMBENT_STORE_/);
    await expect.poll(() => hints.length, PATIENCE).toBeGreaterThan(0);
    expect(await wish(follower)).toMatchObject({ reason: "held" });
    hints.length = 0;
    expect(await holder.release(own)).toEqual({ released: true });
    await expect.poll(() => hints, PATIENCE).toContain("released");
    await expect.poll(() => wish(follower), PATIENCE).toMatchObject({ granted: true });

    peers.heal();
    await expect.poll(() => wish(captive), PATIENCE).toMatchObject({ granted: true });
  }, 120_000);
});
