import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, nonce, renewRequest, request } from "../../support/requests.ts";
import { ForgedMachine, temporaryDirectory } from "./forged-machine.ts";

const HOUR = 3_600_000;

/** Two stores on one file, as two processes of one machine would have them. */
function setUp(machine = new ForgedMachine(), there = machine) {
  const path = join(temporaryDirectory(), "leader.db");
  const stores = [machine, there].map((clock) => new SqliteStore(path, {}, { clock }));
  onTestFinished(async () => {
    for (const store of stores) await store.close();
  });
  const [store, other] = stores;
  if (store === undefined || other === undefined) throw new Error("two machines, two stores");
  return { path, machine, store, other };
}

async function win(store: SqliteStore, fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest("k", fields);
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return { asked, token: reply.token };
}

describe("a lease in a file", () => {
  test("is had by one attempt until it ends", async () => {
    const { machine, store, other } = setUp();
    const { asked, token } = await win(store, { metadata: "here" });
    machine.pass(999);
    const leader = {
      nodeId: "node",
      token,
      since: 1.79e12,
      expiresIn: 1,
      metadata: "here",
      ttl: 1000,
    };
    expect(await other.acquire(acquireRequest("k"))).toEqual({
      ...{ granted: false, reason: "held", leader, retryIn: 1, applied: "no" },
    });
    expect(await other.read(request("k"))).toEqual(leader);
    machine.pass(1);
    expect(await other.read(request("k"))).toBeUndefined();
    expect(await store.renew(renewRequest(asked, token))).toMatchObject({ renewed: false });
    expect((await win(other)).token).toBeGreaterThan(token);
    expect(await store.release(asked)).toEqual({ released: false });
  });

  test("is not touched by a request that comes after its not-after", async () => {
    const { store, other } = setUp();
    const { asked, token } = await win(store);
    const late = { notAfter: performance.now() - 1 };
    expect(await store.acquire(acquireRequest("free", late))).toMatchObject({ reason: "late" });
    expect(await other.read(request("free"))).toBeUndefined();
    const renewal = renewRequest(asked, token, { ...late, ttl: 9000, metadata: "late" });
    expect(await store.renew(renewal)).toEqual({ renewed: false, reason: "late" });
    expect(await other.read(request("k"))).toMatchObject({ expiresIn: 1000, metadata: undefined });
    // What is one's own may be given back at any time.
    expect(await store.release({ ...asked, ...late })).toEqual({ released: true });
  });

  test("keeps every text as it was, and distinguishes keys that differ in nothing but a NUL", async () => {
    const { store, other } = setUp();
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
    const texts = fc.oneof(text, fc.constantFrom('"', '"a"', "a\0b", "a\0c", "\0", "\ud800", "é"));
    await fc.assert(
      fc.asyncProperty(texts, texts, async (label, nodeId) => {
        const key = `${label}/${nonce()}`;
        const asked = acquireRequest(key, { nodeId, metadata: label });
        expect(await store.acquire(asked)).toMatchObject({ granted: true });
        expect(await other.read(request(key))).toMatchObject({ nodeId, metadata: label });
        expect(await other.read(request(`${key}\0`))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

describe("the clock", () => {
  test.each([HOUR, -HOUR])(
    "a wall clock that jumps by %i ms elects no other candidate",
    async (jump) => {
      const { machine, store, other } = setUp();
      const { asked, token } = await win(store);
      machine.set({ wall: machine.wall() + jump });
      expect(await other.acquire(acquireRequest("k"))).toMatchObject({
        granted: false,
        retryIn: 1000,
      });
      expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
      machine.pass(1000);
      expect((await win(other)).token).toBeGreaterThan(token);
    },
  );

  test("a restart of the machine ends every lease and keeps the tokens", async () => {
    const { machine, store, other } = setUp();
    const { asked, token } = await win(store, { ttl: 60_000 });
    machine.set({ boot: "boot-2", monotonic: 10, sinceBoot: 10, wall: 0 });
    expect(await other.read(request("k"))).toBeUndefined();
    expect(await store.renew(renewRequest(asked, token))).toMatchObject({ renewed: false });
    expect((await win(other)).token).toBe(token + 1);
  });

  test("a monotonic clock that goes back leaves a lease for one ttl and not for ever", async () => {
    const { machine, store, other } = setUp();
    await win(store);
    machine.pass(-40_000);
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({
      granted: false,
      retryIn: 1000,
    });
    machine.pass(999);
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: false, retryIn: 1 });
    machine.pass(1);
    await win(other);
  });

  test("asking again and again does not keep a lease alive", async () => {
    const { machine, store, other } = setUp(
      new ForgedMachine(),
      new ForgedMachine({ monotonic: undefined, resolution: 1000 }),
    );
    await win(store);
    for (let round = 0; round < 10; round += 1) {
      expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    }
    machine.pass(1000);
    await win(store);
  });

  test("a runtime without the monotonic clock and one with it see the same lease", async () => {
    const node = new ForgedMachine();
    const bun = new ForgedMachine({ monotonic: undefined });
    const { store, other } = setUp(node, bun);
    const pass = (ms: number) => {
      node.pass(ms);
      bun.pass(ms);
    };
    const first = await win(store);
    pass(1000);
    // It may have ended, which the coarser clock cannot know yet.
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    pass(20);
    const second = await win(other);
    expect(second.token).toBeGreaterThan(first.token);
    pass(999);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    expect(await other.renew(renewRequest(second.asked, second.token))).toEqual({ renewed: true });
    pass(1020);
    await win(store);
  });
});

describe("the file", () => {
  test("is closed by close and opened again by the next request", async () => {
    const { store, other } = setUp();
    const { asked, token } = await win(store);
    await store.close();
    await store.close();
    expect(await other.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("deleted or replaced while open is a forced release, and never two leases", async () => {
    const { path, store, other } = setUp();
    const { asked, token } = await win(store);
    await other.read(request("k"));
    renameSync(path, `${path}.old`);
    for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    const second = await win(other);
    expect(await store.renew(renewRequest(asked, token))).toMatchObject({ reason: "superseded" });
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    expect(await other.renew(renewRequest(second.asked, second.token))).toEqual({ renewed: true });
  });
});
