import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { settle } from "../../support/manual-clock.ts";
import { Bench, granted, KEY, LONGEST, ledElection, refusedAs, TTL, unheard } from "./bench.ts";

describe("a lease", () => {
  test("is taken one ttl after it was seen last, and not after it was asked for", async () => {
    const bench = new Bench();
    await bench.found();
    const holder = bench.open().store;
    await holder.acquire(bench.attempt());
    const rival = bench.open();
    await bench.clock.advance(400);
    // The answer to this look takes 300 ms.
    const read = rival.register.read.bind(rival.register);
    rival.register.read = async (key) => {
      rival.register.read = read;
      const cell = await read(key);
      await bench.clock.advance(300);
      return cell;
    };
    expect(await rival.store.acquire(bench.attempt())).toMatchObject({ retryIn: LONGEST });
    await bench.clock.advance(LONGEST - 1);
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    await bench.clock.advance(1);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });

  test("that is renewed is never taken, however long a candidate does not look", async () => {
    const { bench, store, leader } = await ledElection();
    const rival = bench.open();
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    await bench.clock.advance(0.9 * TTL);
    await store.renew(leader);
    await bench.clock.advance(0.9 * TTL);
    // The write of the rival fails, and shows it the renewal.
    expect(await rival.store.acquire(bench.attempt())).toMatchObject({ retryIn: LONGEST });
    expect(rival.register.writes).toBe(1);
  });

  test("that was released is taken in one round trip by a store that has seen it", async () => {
    const { bench, store, leader } = await ledElection();
    const rival = bench.open();
    const hints: string[] = [];
    rival.store.watch?.(KEY, (hint) => hints.push(hint));
    await settle();
    await store.release(leader);
    await settle();
    expect(hints).toEqual(["released"]);
    rival.register.reads = 0;
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
    expect([rival.register.reads, rival.register.writes]).toEqual([0, 1]);
  });
});

describe("a watch", () => {
  test("emits a release that came before it began", async () => {
    const bench = new Bench();
    await bench.found();
    const hints: string[] = [];
    bench.open().store.watch?.(KEY, (hint) => hints.push(hint));
    await settle();
    expect(hints).toEqual(["released"]);
  });
});

describe("a write that is repeated on its way", () => {
  test("is granted once, though its second arrival is refused by the first", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    register.next = async (carryOut) => {
      await carryOut();
      return carryOut();
    };
    expect(await store.acquire(bench.attempt())).toEqual(granted);
  });

  test("renews once, and the leader stays", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    register.next = async (carryOut) => {
      await carryOut();
      return carryOut();
    };
    expect(await store.renew(leader)).toEqual({ renewed: true });
    expect(await store.renew(leader)).toEqual({ renewed: true });
  });

  test("does not supersede its leader if the first answer was lost", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    register.next = async (carryOut) => {
      await carryOut();
      throw unheard();
    };
    await expect(store.renew(leader)).rejects.toThrow("The connection broke.");
    expect(await store.renew(leader)).toEqual({ renewed: true });
  });
});

describe("a write that arrives after its release", () => {
  test("takes nothing", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const attempt = bench.attempt();
    let arrive: () => unknown = () => {};
    register.next = async (carryOut) => {
      arrive = carryOut;
      throw unheard();
    };
    await expect(store.acquire(attempt)).rejects.toThrow("The connection broke.");
    expect(await store.release(attempt)).toEqual({ released: false });
    await arrive();
    expect(bench.shelf.cell(KEY).record?.nonce).toBe("");
    expect(await bench.open().store.acquire(bench.attempt())).toEqual(granted);
  });
});

describe("every write", () => {
  test("differs from all before, also if nothing else changes", async () => {
    const { bench, store, leader } = await ledElection();
    const records = new Set([JSON.stringify(bench.shelf.cell(KEY).record)]);
    for (let renewal = 0; renewal < 5; renewal += 1) {
      await store.renew(leader);
      records.add(JSON.stringify(bench.shelf.cell(KEY).record));
    }
    expect(records.size).toBe(6);
  });
});

describe("what people read", () => {
  test("is no leader of long ago, unless it was seen to renew its lease", async () => {
    const { bench, store, leader } = await ledElection();
    bench.wall += 3_600_000;
    const reader = bench.open().store;
    expect(await reader.read(bench.attempt())).toBeUndefined();
    bench.wall -= 3_600_000;
    await store.renew(leader);
    bench.wall += 3_600_000;
    expect(await reader.read(bench.attempt())).toMatchObject({ expiresIn: TTL });
  });

  test("is what remains by the leader's date, if a renewal was not reported and is seen late", async () => {
    const { bench, store, leader } = await ledElection();
    const reader = bench.open().store;
    await reader.read(bench.attempt());
    await bench.clock.advance(300);
    await store.renew(leader);
    await bench.clock.advance(400);
    // A watch reports first what was there before it began.
    const latecomer = bench.open().store;
    await latecomer.read(bench.attempt());
    await bench.clock.advance(100);
    await store.renew(leader);
    await bench.clock.advance(250);
    latecomer.watch?.(KEY, () => {});
    await settle();
    for (const each of [reader, latecomer]) {
      expect(await each.read(bench.attempt())).toMatchObject({ expiresIn: TTL - 250 });
    }
    // A refusal says how long to wait, and that is more.
    const refused = await reader.acquire(bench.attempt());
    expect(refused).toMatchObject({ leader: { expiresIn: TTL - 250 }, retryIn: LONGEST });
  });

  test("is what remains since a renewal was reported, whatever the leader's date is", async () => {
    const { bench, store, leader } = await ledElection();
    const reader = bench.open().store;
    reader.watch?.(KEY, () => {});
    await settle();
    await bench.clock.advance(300);
    bench.wall -= 600;
    await store.renew(leader);
    await settle();
    bench.wall += 600;
    await bench.clock.advance(100);
    expect(await reader.read(bench.attempt())).toMatchObject({ expiresIn: LONGEST - 100 });
  });
});

describe("a lease that another store of its process has acquired", () => {
  test("can be renewed and released until one ttl after it was seen", async () => {
    const { bench, leader } = await ledElection();
    const other = bench.open().store;
    await other.read(bench.attempt());
    await bench.clock.advance(LONGEST - 1);
    expect(await other.renew({ ...leader, ttl: TTL })).toEqual({ renewed: true });
    expect(await other.release(leader)).toEqual({ released: true });
  });

  test("has ended then", async () => {
    const { bench, leader } = await ledElection();
    const other = bench.open().store;
    await other.read(bench.attempt());
    await bench.clock.advance(LONGEST);
    expect(await other.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(await other.release(leader)).toEqual({ released: false });
  });

  test("is not restored once that store has released it", async () => {
    const { bench, store, leader } = await ledElection();
    expect(await bench.open().store.release(leader)).toEqual({ released: true });
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(bench.shelf.cell(KEY).record?.nonce).toBe("");
  });

  test("has an answer also if the watch is interrupted at any moment of its renewal", async () => {
    for (let moment = 0; moment < 20; moment += 1) {
      const { bench, leader } = await ledElection();
      const { store, register } = bench.open();
      store.watch?.(KEY, () => {});
      await settle();
      const read = register.read.bind(register);
      register.read = async (key) => {
        void pass(moment).then(() => bench.shelf.interrupt(KEY));
        return read(key);
      };
      expect(await store.renew(leader)).toHaveProperty("renewed");
    }
  });
});

/** So many turns of the microtask queue. */
async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await undefined;
}

describe("an attempt that is refused", () => {
  test("may have the lease all the same if it is its own, and otherwise has not", async () => {
    const { bench, store, leader } = await ledElection();
    expect(await store.acquire(leader)).toMatchObject({ reason: "held", applied: "maybe" });
    const rival = await store.acquire(bench.attempt());
    expect(rival).toMatchObject({ reason: "held", applied: "no" });
  });
});

describe("a release", () => {
  test("of a free lease writes nothing if no write of its attempt may still arrive", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const attempt = bench.attempt();
    await store.acquire(attempt);
    await store.release(attempt);
    register.writes = 0;
    expect(await store.release(attempt)).toEqual({ released: false });
    expect(register.writes).toBe(0);
  });

  test("writes nothing either if the write has certainly had no effect", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const attempt = bench.attempt();
    register.next = async () => {
      throw new StoreError("INCUMBENT_STORE_REFUSED", "read-only", { applied: "no" });
    };
    await expect(store.acquire(attempt)).rejects.toThrow("read-only");
    register.writes = 0;
    expect(await store.release(attempt)).toEqual({ released: false });
    expect(register.writes).toBe(0);
  });
});

describe("what a process reads that was not there when it was written", () => {
  test("is what remains by the date of the leader", async () => {
    const { bench } = await ledElection();
    await bench.clock.advance(300);
    const { store } = bench.open();
    expect(await store.read(bench.attempt())).toMatchObject({ expiresIn: TTL - 300 });
  });

  test("is a whole ttl if the lease has ended by that date, which may be wrong by a minute", async () => {
    const { bench } = await ledElection();
    const shown = async () => (await bench.open().store.read(bench.attempt()))?.expiresIn;
    bench.wall += TTL;
    expect(await shown()).toBe(TTL);
    bench.wall += 60_000;
    expect(await shown()).toBe(TTL);
    bench.wall += 1;
    expect(await shown()).toBeUndefined();
  });
});
