import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

let server: EtcdServer;
beforeAll(async () => {
  const [started] = await startEtcd();
  if (started === undefined) throw new Error("etcd was not started");
  server = started;
}, 90_000);
afterAll(() => server.stop());

test("after a snapshot was restored, a leader keeps its lease, and a candidate that took part waits", async () => {
  const open = (restartGuard: boolean) => {
    const store = new EtcdStore(server.url, { restartGuard });
    onTestFinished(() => store.close());
    return store;
  };
  const [holder, candidate] = [open(false), open(true)];
  const [key, ttl] = [randomUUID(), 60_000];
  /** Until the connection stands again. */
  const eventually = <Answer>(ask: () => Promise<Answer>) =>
    expect.poll(() => ask().catch(() => undefined), { timeout: 20_000 });
  const wish = () => candidate.acquire(acquireRequest(key, { ttl }));
  const first = acquireRequest(key, { ttl });
  await holder.acquire(first);
  await holder.release(first);
  await server.save();
  const own = acquireRequest(key, { ttl });
  const reply = await holder.acquire(own);
  expect(reply).toMatchObject({ granted: true });
  expect(await wish()).toMatchObject({ reason: "held" });
  await server.kill();
  await server.restore();
  await server.start();
  // The snapshot says that the lease is free, and its next revisions have been given before.
  await eventually(wish).toMatchObject({ reason: "quarantine" });
  const renewal = renewRequest(own, reply.granted ? reply.token : 0);
  await eventually(() => holder.renew(renewal)).toEqual({ renewed: true });
  expect(await wish()).toMatchObject({ reason: "held" });
}, 60_000);
