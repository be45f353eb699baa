import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { pair, probeArguments } from "../../simulation/redis/probed-scripts.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

const TTL = 60_000;
const inQuarantine = { granted: false, reason: "quarantine" };

let a: RedisServer;
let b: RedisServer;
let address: TcpProxy;
const stores: RedisStore[] = [];

/** A process that reaches `a` or `b` by the same address. */
function open(): RedisStore {
  const store = new RedisStore(`redis://127.0.0.1:${address.port}`);
  stores.push(store);
  return store;
}

async function win(store: RedisStore, key = "job", fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest(key, { ttl: TTL, ...fields });
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return { asked, token: reply.token };
}

/** One term that is over, so that the election is known. */
async function serveOnce(store: RedisStore, key = "job"): Promise<void> {
  const { asked } = await win(store, key);
  await store.release({ ...request(key), nonce: asked.nonce });
}

/** Sends it again for as long as the connection that was cut is not opened anew. */
async function reached<Reply>(send: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const isCut = error instanceof StoreError && error.code === "INCUMBENT_STORE_UNAVAILABLE";
      if (!isCut) throw error;
    }
  }
}

const attempt = (store: RedisStore, key = "job") =>
  reached(() => store.acquire(acquireRequest(key, { ttl: TTL })));

const renew = (store: RedisStore, asked: AcquireRequest, token: number) =>
  reached(() => store.renew(renewRequest(asked, token)));

function moveTo(server: RedisServer): void {
  address.target = server.port;
  address.cut();
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.command("REPLICAOF", "127.0.0.1", String(primary.port));
  await expect
    .poll(() => replica.command("INFO", "replication"), { timeout: 20_000 })
    .toMatch(/master_link_status:up/);
}

async function promote(replica: RedisServer): Promise<void> {
  await replica.command("REPLICAOF", "NO", "ONE");
}

beforeAll(async () => {
  const fast = ["--repl-diskless-sync-delay", "0"];
  [a, b] = await Promise.all([startRedis(fast), startRedis(fast)]);
  address = await startProxy(a.port);
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const server of [a, b]) {
    await promote(server);
    await server.command("FLUSHALL");
  }
  moveTo(a);
});
afterAll(async () => {
  await address.close();
  await Promise.all([a.stop(), b.stop()]);
});

describe("a server that failed over and back", () => {
  test("has the run_id that it had, and is not taken for what it was", async () => {
    await follow(b, a);
    await a.settle();
    const sitting = open();
    await serveOnce(sitting);
    await expect
      .poll(() => b.command("HGET", "job", "run"))
      .toBe(await a.command("HGET", "job", "run"));
    // The replica falls behind, and does not hear of the next lease.
    await promote(b);
    const { asked, token } = await win(sitting);
    await follow(a, b);
    await promote(a);
    expect(await a.command("HGET", "job", "nonce")).toBe("");

    expect(await attempt(open())).toMatchObject(inQuarantine);
    expect(await renew(sitting, asked, token)).toEqual({ renewed: true });
    expect(await open().read(request("job"))).toMatchObject({ token });
  });

  test("refuses by name while it is a replica, before it says who it is", async () => {
    await follow(a, b);
    await expect(attempt(open())).rejects.toThrow(/connected to a replica.*READONLY/);
  });
});

describe("an address that all clients are moved from and back", () => {
  test("elects no leader while one of the other server may believe, as soon as a candidate that was there asks", async () => {
    await Promise.all([a.settle(), b.settle()]);
    const mover = open();
    await serveOnce(mover);
    moveTo(b);
    const leader = open();
    const { asked, token } = await win(leader);
    expect(await attempt(mover)).toMatchObject({ granted: false });
    moveTo(a);

    expect(await attempt(mover)).toMatchObject(inQuarantine);
    // The stamp now says so to those who were never there, of all elections.
    expect(await attempt(open())).toMatchObject(inQuarantine);
    expect(await attempt(open(), "another")).toMatchObject(inQuarantine);
    expect(await renew(leader, asked, token)).toEqual({ renewed: true });
  });

  test("has its leader restore the lease, also if its renewal comes first", async () => {
    await Promise.all([a.settle(), b.settle()]);
    const early = open();
    await serveOnce(early);
    moveTo(b);
    const leader = open();
    const { asked, token } = await win(leader);
    moveTo(a);
    expect(await renew(leader, asked, token)).toEqual({ renewed: true });
    expect(await attempt(early)).toMatchObject({ ...inQuarantine, leader: { token } });
  });

  test("does not wait longer for those who come late from a server that is gone", async () => {
    await a.settle();
    const [first, late] = [open(), open()];
    await serveOnce(first);
    await serveOnce(late);
    // A fail-over takes its time, and of times on other clocks only a part has passed for sure.
    await setTimeout(1000);
    moveTo(b);
    expect(await attempt(first)).toMatchObject(inQuarantine);
    const since = await b.command("HGET", "incumbent:server", "since");
    expect(await attempt(late)).toMatchObject(inQuarantine);
    expect(await attempt(first)).toMatchObject(inQuarantine);
    expect(await b.command("HGET", "incumbent:server", "since")).toBe(since);
  });
});

describe("a memory that was put together", () => {
  test("is not trusted if the stamp is of another server, though the election is of this one", async () => {
    await a.settle();
    await serveOnce(open());
    await a.command("HSET", "incumbent:server", "run", "of:another");
    expect(await attempt(open())).toMatchObject(inQuarantine);
  });

  test("is not trusted if the stamp was deleted; the sitting leader stays", async () => {
    await a.settle();
    const leader = open();
    const { asked, token } = await win(leader);
    await serveOnce(leader, "another");
    await a.command("DEL", "incumbent:server");
    expect(await attempt(open(), "another")).toMatchObject(inQuarantine);
    expect(await renew(leader, asked, token)).toEqual({ renewed: true });
    await leader.release({ ...request("job"), nonce: asked.nonce });
    expect(await attempt(open())).toMatchObject(inQuarantine);
  });

  test("is that of a server that forgot nothing if the stamp was put back by hand after FLUSHALL", async () => {
    await a.settle();
    await win(open());
    await a.command("FLUSHALL");
    await a.settle();
    expect(await attempt(open())).toMatchObject({ granted: true });
  });
});

describe("INFO", () => {
  const server = `run_id:${"a".repeat(40)}\r\nredis_mode:standalone`;
  const replication = `role:master\r\nmaster_replid:${"b".repeat(40)}\r\nmaster_replid2:${"0".repeat(40)}`;

  /** What a server answers of which INFO says this. */
  async function answer(parts: { server?: string; replication?: string }): Promise<unknown> {
    const client = new Redis(a.url);
    onTestFinished(() => client.disconnect());
    const info = { server, replication, memory: "", micros: 1, pttl: {}, ...parts };
    const args = ["1", "", "1", "0", "", "0", "", "introduce"];
    const { text } = pair.probed;
    return client.call("EVAL", text, "1", "job", ...args, ...probeArguments(info));
  }

  test("shows the run_id and the replication id, which name the server together", async () => {
    const name = `${"a".repeat(40)}:${"b".repeat(40)}`;
    expect(await answer({})).toEqual([
      [name, "1", "standalone", "0"],
      ["introduced", "0"],
    ]);
  });

  test.each([
    ["no run_id", { server: "redis_mode:standalone" }, "needs the run_id"],
    ["a run_id of zeros", { server: `run_id:${"0".repeat(40)}` }, "needs the run_id"],
    ["no replication id", { replication: "role:master" }, "needs the master_replid"],
    [
      "a replication id of zeros",
      { replication: `role:master\r\nmaster_replid:${"0".repeat(40)}` },
      "needs the master_replid",
    ],
  ])("that shows %s is refused by name, with the remedy", async (_, parts, missing) => {
    const [, refusal] = [await answer(parts)].flat();
    expect(refusal).toEqual(["error", expect.stringContaining(missing)]);
    expect(refusal).toEqual(["error", expect.stringContaining("pass restartGuard: false")]);
  });
});
