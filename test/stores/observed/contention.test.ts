import { describe, expect, test } from "vitest";
import type { Examination, Finding } from "../../../src/stores/lease-store.ts";
import { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import { MemoryRegister, Shelf } from "../../support/memory-register.ts";
import { Bench, type FaultyRegister, granted, KEY, ledElection, refusedAs, TTL } from "./bench.ts";

/** Before each write of this register, another process replaces the record, and leaves its holder. */
function contend(bench: Bench, register: FaultyRegister): void {
  register.compareAndSet = async () => {
    register.writes += 1;
    const { record } = bench.shelf.cell(KEY);
    return {
      written: false,
      cell: bench.shelf.put(KEY, record && { ...record, seq: record.seq + 100 }),
    };
  };
}

const contended = {
  code: "INCUMBENT_STORE_REFUSED",
  message: "The record of the election changes faster than it can be replaced.",
  applied: "maybe",
};

describe("a store that is always too late with its write", () => {
  test("is refused the lease after four tries, and does not know who leads", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    contend(bench, register);
    expect(await store.acquire(bench.attempt())).toEqual({
      ...{ granted: false, reason: "held", leader: undefined, retryIn: undefined },
    });
    expect(register.writes).toBe(4);
  });

  test("fails to renew and to release its own lease after four tries", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const leader = bench.attempt();
    expect(await store.acquire(leader)).toEqual(granted);
    contend(bench, register);
    register.writes = 0;
    await expect(store.renew(leader)).rejects.toMatchObject(contended);
    expect(register.writes).toBe(4);
    await expect(store.release(leader)).rejects.toMatchObject(contended);
    expect(register.writes).toBe(8);
  });

  test("looks again if the register does not say what is there", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    await store.read(bench.attempt());
    register.reads = 0;
    register.next = async () => ({ written: false, cell: undefined });
    expect(await store.acquire(bench.attempt())).toEqual(granted);
    expect([register.reads, register.writes]).toEqual([1, 2]);
  });
});

describe("a request that is waited for no longer", () => {
  const givenUp = {
    code: "INCUMBENT_STORE_TIMEOUT",
    message: "The request was given up before it was sent.",
    applied: "no",
  };

  test.each([
    ["its signal is aborted", { signal: AbortSignal.abort() }],
    ["its elector says so", { isAwaited: false }],
  ])("writes nothing (%s)", async (_why, ended) => {
    const { bench, store, leader } = await ledElection();
    await expect(store.renew({ ...leader, ...ended })).rejects.toMatchObject(givenUp);
    await expect(store.release({ ...leader, ...ended })).rejects.toMatchObject(givenUp);
    const another = bench.attempt({ key: "another", ...ended });
    await expect(bench.open(false).store.acquire(another)).rejects.toMatchObject(givenUp);
    expect(bench.shelf.cells.has("another")).toBe(false);
  });

  test("is sent if its elector waits for it, whatever its signal says", async () => {
    const { store, leader } = await ledElection();
    const awaited = { ...leader, signal: AbortSignal.abort(), isAwaited: true };
    expect(await store.renew(awaited)).toEqual({ renewed: true });
  });
});

describe("a request that comes after its not-after", () => {
  test("is late, and at that very moment it is not", async () => {
    const { bench, store, leader } = await ledElection();
    await store.release(leader);
    const now = bench.clock.now();
    const { register } = bench.open();
    expect(await store.acquire(bench.attempt({ notAfter: now - 1 }))).toEqual(refusedAs("late"));
    const next = bench.attempt({ notAfter: now });
    expect(await store.acquire(next)).toEqual(granted);
    expect(await store.renew({ ...next, notAfter: now - 1 })).toEqual({
      ...{ renewed: false, reason: "late" },
    });
    expect(await store.renew(next)).toEqual({ renewed: true });
    expect(register.writes).toBe(0);
  });
});

test("a leader whose lease has ended by its own clock cannot renew it, and its release says so", async () => {
  const { bench, store, leader } = await ledElection();
  await bench.clock.advance(TTL);
  expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
  expect(await store.release(leader)).toEqual({ released: false });
});

test("one that has ended may lie there: it is released for those who come", async () => {
  const { bench, store, leader } = await ledElection();
  await bench.clock.advance(TTL);
  await store.release(leader);
  expect(bench.shelf.cell(KEY).record?.nonce).toBe("");
});

describe("a store on a register", () => {
  const settings = {
    traits: { name: "observed", exclusion: "strict", tokens: "clock" },
    restartGuard: false,
  } as const;
  const { signal } = new AbortController();
  const clock = { now: () => 0 };
  const examination: Examination = { clock, signal, timer: () => () => {}, isBrief: false };

  test("is one that observes, and takes its time from this process", async () => {
    const store = new ObservedStore(new MemoryRegister(new Shelf()), settings);
    expect(store.traits).toEqual({ ...settings.traits, clock: "observer" });
    const before = Date.now();
    const attempt = new Bench().attempt({
      clock: { now: () => performance.now() },
      notAfter: performance.now() + 60_000,
    });
    const reply = await store.acquire(attempt);
    if (!reply.granted) throw new Error("refused");
    expect(reply.since).toBeGreaterThanOrEqual(before);
    expect(reply.since).toBeLessThanOrEqual(Date.now());
    const { expiresIn = 0 } = (await store.read(attempt)) ?? {};
    expect(expiresIn).toBeGreaterThan(0);
    expect(expiresIn).toBeLessThanOrEqual(TTL);
  });

  test("watches and lists what its register does, and nothing else", async () => {
    const { read, compareAndSet, close } = new MemoryRegister(new Shelf());
    const least = { shelf: new Shelf(), read, compareAndSet, close };
    const store = new ObservedStore(least, settings);
    expect([store.watch, store.keys]).toEqual([undefined, undefined]);
    const findings: Finding[] = [];
    for await (const finding of store.diagnose(examination)) findings.push(finding);
    expect(findings).toEqual([]);
  });

  test("has the findings of its register's checks", async () => {
    const checks = () => [{ name: "look", run: () => [{ level: "ok", says: "fine" } as const] }];
    const register = Object.assign(new MemoryRegister(new Shelf()), { checks });
    const store = new ObservedStore(register, settings);
    const findings: Finding[] = [];
    for await (const finding of store.diagnose(examination)) findings.push(finding);
    expect(findings).toEqual([{ check: "look", level: "ok", says: "fine" }]);
  });
});
