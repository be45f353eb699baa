import { afterEach, describe, expect, test } from "vitest";
import { Elector, MemoryStore } from "../../src/index.ts";
import type { LeaseStore } from "../../src/stores/lease-store.ts";
import { ManualClock } from "../support/manual-clock.ts";

// What docs/guide/tuning.md says follows from a ttl of 10 s and the defaults, on a clock moved by hand.
const ttl = 10_000;
const renewalInterval = 3000;

let clock = new ManualClock();
let running: Elector[] = [];

afterEach(async () => {
  const stopped = Promise.all(running.map((elector) => elector.stop()));
  await clock.advance(2 * renewalInterval);
  await stopped;
  running = [];
  clock = new ManualClock();
});

/** A memory store that can be out of reach, and counts what is asked of it. */
function storeWith(memory: MemoryStore) {
  const link = { isCut: false, requests: 0 };
  const send = <Reply>(answer: () => Promise<Reply>): Promise<Reply> => {
    link.requests += 1;
    return link.isCut ? new Promise<Reply>(() => {}) : answer();
  };
  const store: LeaseStore = {
    traits: memory.traits,
    acquire: (request) => send(() => memory.acquire(request)),
    renew: (request) => send(() => memory.renew(request)),
    release: (request) => send(() => memory.release(request)),
    read: (request) => send(() => memory.read(request)),
    watch: (key, onHint) => memory.watch(key, onHint),
    close: () => memory.close(),
  };
  return { link, store };
}

async function campaign(memory: MemoryStore) {
  const { link, store } = storeWith(memory);
  const elector = new Elector(store, "job", { ttl }, { clock, jitter: () => 1 });
  running.push(elector);
  await elector.start();
  await clock.advance(0);
  return { elector, link };
}

/** A leader whose last renewal was `age` ms ago. */
async function leaderAfter(
  age: number,
  memory = new MemoryStore({ wallClock: () => clock.now() }),
) {
  const leader = await campaign(memory);
  expect(leader.elector.isLeader()).toBe(true);
  await clock.advance(3 * renewalInterval + age);
  return leader;
}

async function survivesOutage(age: number, length: number): Promise<boolean> {
  const { elector, link } = await leaderAfter(age);
  const { token } = elector.term ?? {};
  link.isCut = true;
  await clock.advance(length);
  link.isCut = false;
  await clock.advance(ttl);
  return elector.term?.token === token;
}

async function survivesBlock(age: number, length: number): Promise<boolean> {
  const { elector } = await leaderAfter(age);
  const { token } = elector.term ?? {};
  clock.block(length);
  await clock.advance(0);
  return elector.term?.token === token;
}

describe("with a ttl of 10 s and the defaults", () => {
  test("an outage of less than 4.5 s is survived, whenever it begins", async () => {
    for (const age of [1, renewalInterval / 2, renewalInterval - 1]) {
      expect(await survivesOutage(age, 4490)).toBe(true);
    }
  });

  test("an outage of 5.9 s just before a renewal is survived, one of 6.1 s is not", async () => {
    expect(await survivesOutage(renewalInterval - 1, 5900)).toBe(true);
    expect(await survivesOutage(renewalInterval - 1, 6100)).toBe(false);
  });

  test("an outage of 8.9 s just after a renewal is survived", async () => {
    expect(await survivesOutage(1, 8900)).toBe(true);
  });

  test("an outage of 9 s is never survived", async () => {
    expect(await survivesOutage(1, 9000)).toBe(false);
  });

  test("a block of less than 6 s is survived, whenever it begins, and one of 9 s never", async () => {
    expect(await survivesBlock(renewalInterval - 1, 5990)).toBe(true);
    expect(await survivesBlock(renewalInterval - 1, 6010)).toBe(false);
    expect(await survivesBlock(1, 8990)).toBe(true);
    expect(await survivesBlock(1, 9000)).toBe(false);
  });

  test.each([1, 1500, 2999])(
    "a leader that dies %i ms after a renewal is succeeded at its lease's end",
    async (age) => {
      const memory = new MemoryStore({ wallClock: () => clock.now() });
      const { link } = await leaderAfter(age, memory);
      const follower = await campaign(memory);
      link.isCut = true;
      await clock.advance(ttl - age - 1);
      expect(follower.elector.isLeader()).toBe(false);
      await clock.advance(1);
      expect(follower.elector.isLeader()).toBe(true);
    },
  );

  test("a leader asks 20 times a minute, a follower 6 or 7 times", async () => {
    const memory = new MemoryStore({ wallClock: () => clock.now() });
    const leader = await leaderAfter(1000, memory);
    const follower = await campaign(memory);
    await clock.advance(ttl);
    leader.link.requests = 0;
    follower.link.requests = 0;
    await clock.advance(60_000);
    expect(leader.link.requests).toBe(20);
    expect([6, 7]).toContain(follower.link.requests);
  });
});
