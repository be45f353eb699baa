import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { Hint, LeaseStore } from "../../../src/stores/lease-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

/** A store on a real server, and how to reach it. */
export interface RegisterSetup {
  /** Where the server listens on the loopback. */
  port(): number;
  /** A store that connects to this port. */
  open(port: number, restartGuard: boolean): LeaseStore;
  /** How many stores compete for a lease, and how often. */
  readonly rivals: number;
  readonly rounds: number;
}

const LONG = 60_000;

/** What must hold of every store without a clock, with its real server behind a proxy. */
export function checkRegister({ port, open, rivals, rounds }: RegisterSetup): void {
  const opened = new Set<LeaseStore>();
  const openAt = (at = port(), restartGuard = false) => {
    const store = open(at, restartGuard);
    opened.add(store);
    return store;
  };
  const withProxy = async (use: (proxy: TcpProxy) => Promise<void>) => {
    const proxy = await startProxy(port());
    try {
      await use(proxy);
    } finally {
      await Promise.all([...opened].map((store) => store.close()));
      opened.clear();
      await proxy.close();
    }
  };
  const wish = (key: string) => acquireRequest(key, { ttl: LONG });
  /** Sends it while the proxy keeps it back, and gives up waiting. */
  const sendLate = async (proxy: TcpProxy, send: (signal: AbortSignal) => Promise<unknown>) => {
    proxy.mode = "hold";
    const giveUp = new AbortController();
    const answer = send(giveUp.signal);
    await expect.poll(() => proxy.held, { timeout: 5000 }).toBeGreaterThan(0);
    giveUp.abort();
    await expect(answer).rejects.toMatchObject({ applied: "maybe" });
    proxy.mode = "pass";
  };

  test(`of ${rivals} rivals one is elected in each round, with a larger token`, async () => {
    await withProxy(async () => {
      const stores = Array.from({ length: rivals }, () => openAt());
      const key = randomUUID();
      let last = 0;
      for (let round = 0; round < rounds; round += 1) {
        const wishes = stores.map((store) => ({ store, wish: wish(key) }));
        const replies = await Promise.all(wishes.map((each) => each.store.acquire(each.wish)));
        const tokens = replies.map((reply) => (reply.granted ? reply.token : 0));
        const winner = wishes[tokens.findIndex((token) => token > 0)];
        expect(tokens.filter((token) => token > 0)).toHaveLength(1);
        expect(Math.max(...tokens)).toBeGreaterThan(last);
        last = Math.max(...tokens);
        expect(await winner?.store.release(winner.wish)).toEqual({ released: true });
      }
    });
  }, 60_000);

  test("renewals that change nothing keep the others from a lease", async () => {
    await withProxy(async () => {
      const [holder, rival] = [openAt(), openAt()];
      const own = acquireRequest(randomUUID(), { ttl: 1000 });
      const reply = await holder.acquire(own);
      expect(await rival.acquire(wish(own.key))).toMatchObject({ reason: "held" });
      // Two at once, and then long enough for the first sighting to be over.
      const renew = () => holder.renew(renewRequest(own, reply.granted ? reply.token : 0));
      for (let time = 0; time < 4; time += 1) {
        expect(await renew()).toEqual({ renewed: true });
        expect(await renew()).toEqual({ renewed: true });
        await new Promise((resolve) => setTimeout(resolve, 350));
      }
      expect(await rival.acquire(wish(own.key))).toMatchObject({ reason: "held" });
      expect(await renew()).toEqual({ renewed: true });
    });
  });

  test("an acquire that arrives after another process was elected changes nothing", async () => {
    await withProxy(async (proxy) => {
      const [slow, rival] = [openAt(proxy.port), openAt()];
      const late = wish(randomUUID());
      await slow.read(request(late.key));
      await sendLate(proxy, (signal) => slow.acquire({ ...late, signal }));
      const own = wish(late.key);
      const reply = await rival.acquire(own);
      expect(reply).toMatchObject({ granted: true });
      proxy.letGo();
      expect(await slow.acquire(wish(late.key))).toMatchObject({ reason: "held" });
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      expect(await rival.renew(renewal)).toEqual({ renewed: true });
    });
  });

  test("a lease whose acquire was answered too late is freed by its nonce", async () => {
    await withProxy(async (proxy) => {
      const [slow, rival] = [openAt(proxy.port), openAt()];
      const late = wish(randomUUID());
      await slow.read(request(late.key));
      await sendLate(proxy, (signal) => slow.acquire({ ...late, signal }));
      proxy.letGo();
      await expect.poll(() => rival.read(request(late.key))).toMatchObject({ nodeId: "node" });
      expect(await slow.release(late)).toEqual({ released: true });
      expect(await rival.acquire(wish(late.key))).toMatchObject({ granted: true });
    });
  });

  test("a renewal goes on over another connection after the first one broke", async () => {
    await withProxy(async (proxy) => {
      const holder = openAt(proxy.port);
      const own = wish(randomUUID());
      const reply = await holder.acquire(own);
      proxy.cut();
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      const renewed = () => holder.renew(renewal).catch(() => undefined);
      await expect.poll(renewed, { timeout: 5000 }).toEqual({ renewed: true });
    });
  });

  test("a candidate that was cut off hears of the next release", async () => {
    await withProxy(async (proxy) => {
      const [holder, candidate] = [openAt(), openAt(proxy.port)];
      if (candidate.watch === undefined) return;
      const own = wish(randomUUID());
      const reply = await holder.acquire(own);
      const hints: Hint[] = [];
      candidate.watch(own.key, (hint) => hints.push(hint));
      // Only a watch that stands can be interrupted.
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      const change = async (): Promise<Hint[]> => {
        await holder.renew({ ...renewal, metadata: randomUUID() });
        return hints;
      };
      await expect.poll(change, { timeout: 10_000 }).toContain("changed");
      hints.length = 0;
      proxy.cut();
      await expect.poll(() => hints, { timeout: 10_000 }).toContain("released");
      hints.length = 0;
      await holder.release(own);
      await expect.poll(() => hints, { timeout: 10_000 }).toContain("released");
    });
  }, 30_000);

  test("an election of which nothing is known waits one ttl", async () => {
    await withProxy(async () => {
      const store = openAt(port(), true);
      const own = acquireRequest(randomUUID(), { ttl: 300 });
      expect(await store.acquire(own)).toMatchObject({ reason: "quarantine" });
      const again = () => store.acquire({ ...own, notAfter: own.clock.now() + LONG });
      await expect.poll(again, { timeout: 5000 }).toMatchObject({ granted: true });
    });
  });

  test("a server that is not there is named, and nothing was applied", async () => {
    const store = open(1, false);
    try {
      const error = await store.acquire(wish("job")).catch((reason) => reason);
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" });
    } finally {
      await store.close();
    }
  });

  test("a connection that has gone silent holds up the next request for a part of its own time only", async () => {
    await withProxy(async (proxy) => {
      const store = openAt(proxy.port);
      await store.read(request("job"));
      proxy.silence();
      const soon = () => ({ notAfter: performance.now() + 600 });
      const ended = new AbortController();
      let isAnswered = false;
      const first = store
        .read(request("job", { ...soon(), signal: ended.signal }))
        .catch(() => {})
        .finally(() => {
          isAnswered = true;
        });
      await expect.poll(() => proxy.swallowed).toBeGreaterThan(0);
      // A third of the time of the next one: longer than it waits for an earlier answer.
      await sleep(200);
      expect(await store.read(request("job", soon()))).toBeUndefined();
      expect(isAnswered).toBe(false);
      ended.abort();
      await first;
    });
  });

  test("a request that is not waited for any more is given up at once", async () => {
    await withProxy(async (proxy) => {
      const store = openAt(proxy.port);
      await store.read(request("job"));
      proxy.mode = "swallow";
      const signal = AbortSignal.timeout(50);
      const asked = store.read(request("job", { signal }));
      if (!signal.aborted) await once(signal, "abort");
      await expect(asked).rejects.toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT" });
    });
  });
}
