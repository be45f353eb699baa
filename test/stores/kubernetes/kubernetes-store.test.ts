import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Elector } from "../../../src/index.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { KubernetesServer } from "../../support/kubernetes-server.ts";
import { storeOn } from "./stores.ts";

const KEY = "billing-scheduler";
const PATH = `default/${KEY}`;
const TTL = 500;
/** Without the wait for a Lease that was never there. */
const options = { restartGuard: false };

let server: KubernetesServer;
let nonces = 0;

beforeEach(async () => {
  server = await new KubernetesServer().start();
});
afterEach(() => server.stop());

function attempt(changed: Partial<AcquireRequest> = {}): AcquireRequest & { token: number } {
  nonces += 1;
  const clock = { now: () => performance.now() };
  return {
    ...{ key: KEY, nonce: `nonce${nonces}`, nodeId: "api-7", metadata: undefined, ttl: TTL },
    ...{ above: 0, token: 0, clock, notAfter: clock.now() + 60_000 },
    signal: new AbortController().signal,
    ...changed,
  };
}

const granted = expect.objectContaining({ granted: true });
const refusedAs = (reason: string) => expect.objectContaining({ granted: false, reason });

/** A holder that uses client-go writes its name into the object that it has read. */
function takeAsClientGo(holderIdentity: string, leaseDurationSeconds = 15): void {
  const found = server.leases.get(PATH);
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const spec = { ...found?.spec, holderIdentity, leaseDurationSeconds, renewTime };
  server.put(PATH, { ...found, spec });
}

describe("requests", () => {
  test("are one for each renewal and each release", async () => {
    const store = storeOn(server, options);
    const leader = attempt();
    await store.acquire(leader);
    server.requests.length = 0;
    await store.renew(leader);
    await store.renew(leader);
    await store.release(leader);
    expect(server.requests).toEqual([`PUT ${PATH}`, `PUT ${PATH}`, `PUT ${PATH}`]);
    await store.close();
  });

  test("are carried out by exactly one of many that have seen the same Lease", async () => {
    const first = storeOn(server, options);
    const holder = attempt();
    await first.acquire(holder);
    await first.release(holder);
    const stores = Array.from({ length: 20 }, () => storeOn(server, options));
    const replies = await Promise.all(stores.map((store) => store.acquire(attempt())));
    expect(replies.filter((reply) => reply.granted)).toHaveLength(1);
    await Promise.all([first, ...stores].map((store) => store.close()));
  });

  test("go to another namespace if one is named", async () => {
    const store = storeOn(server, { ...options, namespace: "billing" });
    expect(await store.acquire(attempt())).toEqual(granted);
    expect([...server.leases.keys()]).toEqual([`billing/${KEY}`]);
    await store.close();
  });
});

describe("a Lease that was deleted by hand", () => {
  test("is restored by its leader, with its token, before anyone else is elected", async () => {
    const [store, other] = [storeOn(server), storeOn(server)];
    const found = storeOn(server, options);
    await found.release(attempt());
    const leader = attempt({ ttl: 60_000 });
    const reply = await found.acquire(leader);
    expect(reply).toEqual(granted);
    server.delete(PATH);
    expect(await other.acquire(attempt())).toEqual(refusedAs("quarantine"));
    expect(await found.renew({ ...leader, token: 1 })).toEqual({ renewed: true });
    expect(await found.read(leader)).toMatchObject({ token: reply.granted && reply.token });
    expect(await other.acquire(attempt())).toEqual(refusedAs("held"));
    await Promise.all([store, other, found].map((each) => each.close()));
  });

  test("and made anew is another one, also at the same version", async () => {
    const store = storeOn(server, options);
    const leader = attempt({ ttl: 60_000 });
    await store.acquire(leader);
    const found = server.leases.get(PATH);
    const metadata = { ...found?.metadata, uid: "another" };
    server.restore(PATH, { ...found, metadata, spec: { ...found?.spec, holderIdentity: "x" } });
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    await store.close();
  });
});

describe("a holder that uses client-go", () => {
  test("keeps the lease while its version changes, and loses it when that stands still", async () => {
    const store = storeOn(server, options);
    server.put(PATH, { spec: {} });
    takeAsClientGo("host_uuid", 1);
    expect(await store.acquire(attempt())).toMatchObject({ leader: { nodeId: "host_uuid" } });
    for (let renewed = 0; renewed < 3; renewed += 1) {
      takeAsClientGo("host_uuid", 1);
      const reply = await store.acquire(attempt());
      expect(reply).toEqual(refusedAs("held"));
    }
    let reply = await store.acquire(attempt());
    const seen = performance.now();
    while (!reply.granted) reply = await store.acquire(attempt());
    expect(performance.now() - seen).toBeGreaterThan(500);
    await store.close();
  });

  test("supersedes a leader, also if it made the Lease anew", async () => {
    const store = storeOn(server, options);
    const leader = attempt({ ttl: 60_000 });
    await store.acquire(leader);
    server.delete(PATH);
    server.put(PATH, { spec: { holderIdentity: "host_uuid", leaseDurationSeconds: 15 } });
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(server.leases.get(PATH)?.spec?.holderIdentity).toBe("host_uuid");
    await store.close();
  });

  test("that gives the lease back is followed at once, by a larger token", async () => {
    const store = storeOn(server, options);
    const holder = attempt();
    const first = await store.acquire(holder);
    await store.release(holder);
    takeAsClientGo("host_uuid");
    expect(await store.acquire(attempt())).toEqual(refusedAs("held"));
    takeAsClientGo("", 1);
    const second = await store.acquire(attempt());
    expect(second).toEqual(granted);
    if (first.granted && second.granted) expect(second.token).toBeGreaterThan(first.token);
    await store.close();
  });
});

describe("an elector", () => {
  test("refuses a key that cannot be the name of a Lease, when it is made", () => {
    const store = storeOn(server);
    for (const key of ["billing:scheduler", "Billing", "-x", "a..b", "x".repeat(254)]) {
      expect(() => new Elector(store, key)).toThrow(
        /^key must be the name of a Lease \(RFC 1123\)/,
      );
    }
    expect(() => new Elector(store, "a.b-c.9")).not.toThrow();
  });

  test("leads, and leaves a Lease that is free", async () => {
    const store = storeOn(server, options);
    const elector = new Elector(store, KEY, { ttl: 3000, nodeId: "api-7" });
    await elector.start();
    await elector.waitForLeadership();
    expect(server.leases.get(PATH)?.spec?.holderIdentity).toMatch(/^api-7_[0-9a-f]{32}$/);
    await elector.stop();
    await store.close();
    expect(server.leases.get(PATH)?.spec?.holderIdentity).toBe("");
  });
});
