import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { settle } from "../../support/manual-clock.ts";
import { Bench, KEY, LONGEST, TTL } from "./bench.ts";

const unheard = () =>
  new StoreError("INCUMBENT_STORE_UNAVAILABLE", "The connection broke.", { applied: "maybe" });

const granted = expect.objectContaining({ granted: true });
const refusedAs = (reason: string) => expect.objectContaining({ granted: false, reason });

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
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
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
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
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
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    const records = new Set([JSON.stringify(bench.shelf.cell(KEY).record)]);
    for (let renewal = 0; renewal < 5; renewal += 1) {
      await store.renew(leader);
      records.add(JSON.stringify(bench.shelf.cell(KEY).record));
    }
    expect(records.size).toBe(6);
  });
});

describe("a record that is not there", () => {
  test("stands for a lease of one ttl that began when it was missed", async () => {
    const bench = new Bench();
    const { store } = bench.open();
    const first = await store.acquire(bench.attempt());
    expect(first).toEqual(refusedAs("quarantine"));
    expect(first).toMatchObject({ retryIn: LONGEST });
    await bench.clock.advance(LONGEST - 1);
    expect(await store.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
    await bench.clock.advance(1);
    expect(await store.acquire(bench.attempt())).toEqual(granted);
  });

  test("is free without the guard", async () => {
    const bench = new Bench();
    expect(await bench.open(false).store.acquire(bench.attempt())).toEqual(granted);
  });

  test("is restored by its leader, while it may lead", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    const { token } = { token: 0, ...(await store.acquire(leader)) };
    bench.shelf.setBack(KEY, { version: "lost", record: undefined });
    expect(await store.renew(leader)).toEqual({ renewed: true });
    expect(bench.shelf.cell(KEY).record).toMatchObject({ nonce: leader.nonce, token });
    bench.shelf.setBack(KEY, { version: "lost again", record: undefined });
    await bench.clock.advance(TTL);
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
    expect(bench.shelf.cell(KEY).record).toBeUndefined();
  });

  test("is not restored after the release", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    await store.release(leader);
    bench.shelf.setBack(KEY, { version: "lost", record: undefined });
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
  });
});

describe("a register that was set back", () => {
  test("elects no leader for one ttl, though its old record says that the lease is free", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    const rival = bench.open().store;
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("held"));
    bench.shelf.setBack(KEY, free);
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toEqual(refusedAs("quarantine"));
    await bench.clock.advance(LONGEST);
    expect(await rival.acquire(bench.attempt())).toEqual(granted);
  });

  test("is noticed by those who watch, also if it is set back to what they know", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    const rival = bench.open();
    rival.store.watch?.(KEY, () => {});
    await settle();
    const known = bench.shelf.cell(KEY);
    await bench.clock.advance(LONGEST - 1);
    // The renewal is forgotten before its event has come.
    const listeners = bench.shelf.listeners.get(KEY);
    bench.shelf.listeners.delete(KEY);
    bench.shelf.put(KEY, known.record && { ...known.record, seq: known.record.seq + 1 });
    bench.shelf.listeners.set(KEY, listeners ?? new Set());
    bench.shelf.setBack(KEY, known);
    await bench.clock.advance(1);
    expect(await rival.store.acquire(bench.attempt())).toEqual(refusedAs("held"));
    await bench.clock.advance(LONGEST);
    expect(await rival.store.acquire(bench.attempt())).toEqual(granted);
  });

  test("leaves the lease to the leader of the later term", async () => {
    const bench = new Bench();
    await bench.found();
    const free = bench.shelf.cell(KEY);
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    bench.shelf.setBack(KEY, free);
    expect(await store.renew(leader)).toEqual({ renewed: true });
    // A later one is not overwritten.
    await store.release(leader);
    const next = bench.open().store;
    await next.acquire(bench.attempt());
    expect(await store.renew(leader)).toEqual({ renewed: false, reason: "superseded" });
  });

  test("grants nothing for certain if it was set back while it was asked", async () => {
    const bench = new Bench();
    await bench.found();
    const rival = bench.open();
    rival.store.watch?.(KEY, () => {});
    await settle();
    rival.register.next = (carryOut) => {
      bench.shelf.interrupt(KEY);
      return carryOut();
    };
    const reply = await rival.store.acquire(bench.attempt());
    expect(reply).toMatchObject({ granted: false, reason: "quarantine", applied: "maybe" });
  });
});

describe("an answer that was overtaken", () => {
  test("is not taken for a register that was set back", async () => {
    const bench = new Bench();
    await bench.found();
    const { store, register } = bench.open();
    const old = await register.read(KEY);
    let answer: (cell: typeof old) => void = () => {};
    const read = register.read.bind(register);
    register.read = () => {
      register.read = read;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const looking = store.read(bench.attempt());
    await bench.clock.advance(1);
    const leader = bench.attempt();
    await store.acquire(leader);
    answer(old);
    await looking;
    await store.release(leader);
    expect(await store.acquire(bench.attempt())).toEqual(granted);
  });
});

describe("what people read", () => {
  test("is no leader of long ago, unless it was seen to renew its lease", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
    bench.wall += 3_600_000;
    const reader = bench.open().store;
    expect(await reader.read(bench.attempt())).toBeUndefined();
    bench.wall -= 3_600_000;
    await store.renew(leader);
    bench.wall += 3_600_000;
    expect(await reader.read(bench.attempt())).toMatchObject({ expiresIn: TTL });
  });

  test("is what remains by the leader's date, if a renewal was not reported and is seen late", async () => {
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
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
    const bench = new Bench();
    await bench.found();
    const { store } = bench.open();
    const leader = bench.attempt();
    await store.acquire(leader);
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
