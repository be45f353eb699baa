import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PolledElection, SqlPolls } from "../../../src/stores/sql/sql-polls.ts";

interface Alarm {
  readonly ms: number;
  readonly fire: () => void;
}

let alarms: Set<Alarm>;
let elections: Map<string, PolledElection>;
let asked: string[][];
let fails = false;
let polls: SqlPolls;
let hints: string[];

const held = (state: string): PolledElection => ({ isFree: false, state });
const free = (state: string): PolledElection => ({ isFree: true, state });

beforeEach(() => {
  alarms = new Set();
  elections = new Map([["a", held("1")]]);
  asked = [];
  hints = [];
  fails = false;
  const timer = (ms: number, fire: () => void) => {
    const alarm = { ms, fire };
    alarms.add(alarm);
    return () => void alarms.delete(alarm);
  };
  polls = new SqlPolls(async (keys) => {
    asked.push([...keys]);
    if (fails) throw new Error("out of reach");
    return new Map(elections);
  }, timer);
});
afterEach(() => polls.close());

const hear = (key: string) => polls.add(key, (hint) => hints.push(`${key} ${hint}`));

/** Lets the time of the next look come, and waits for its answer. */
async function look(): Promise<number | undefined> {
  const [next] = alarms;
  if (next === undefined) return undefined;
  alarms.delete(next);
  next.fire();
  await new Promise(setImmediate);
  return next.ms;
}

describe("elections that are polled", () => {
  test("cause no hint while nothing changes", async () => {
    hear("a");
    await look();
    await look();
    expect(hints).toEqual([]);
  });

  test("cause a hint when the lease is released, and when there is another leader", async () => {
    hear("a");
    await look();
    elections.set("a", free("1"));
    await look();
    elections.set("a", held("2"));
    await look();
    expect(hints).toEqual(["a released", "a changed"]);
  });

  test("cause a hint for a term that began and ended between two looks", async () => {
    elections.set("a", free("1"));
    hear("a");
    await look();
    elections.set("a", free("2"));
    await look();
    expect(hints).toEqual(["a released", "a released"]);
  });

  test("cause a hint at the first look if the lease was released before it", async () => {
    elections.set("a", free("1"));
    hear("a");
    await look();
    expect(hints).toEqual(["a released"]);
  });

  test("are asked for in one query, each once", async () => {
    hear("a");
    hear("a");
    hear("b");
    await look();
    expect(asked).toEqual([["a", "b"]]);
  });

  test("cause the hint of a change that came while looks failed", async () => {
    hear("a");
    await look();
    fails = true;
    await look();
    elections.set("a", free("1"));
    await look();
    expect(hints).toEqual([]);
    fails = false;
    await look();
    expect(hints).toEqual(["a released"]);
  });

  test("are looked at ten times in the shortest lease, at least four times a second", async () => {
    hear("a");
    expect(await look()).toBe(250);
    polls.resume(1000);
    await look();
    expect(await look()).toBe(100);
    polls.resume(60_000);
    await look();
    expect(await look()).toBe(100);
  });

  test("are known to be released without a look when the store itself has released them", async () => {
    hear("a");
    hear("b");
    polls.released("a");
    polls.released("c");
    expect(hints).toEqual(["a released"]);
    expect(asked).toEqual([]);
  });

  test("are not looked at after the last listener has gone", async () => {
    const unwatch = hear("a");
    await look();
    unwatch();
    expect(alarms.size).toBe(0);
    expect(await look()).toBeUndefined();
  });

  test("are not looked at after a close, until the next request", async () => {
    hear("a");
    await look();
    polls.close();
    expect(alarms.size).toBe(0);
    elections.set("a", free("1"));
    polls.resume();
    await look();
    expect(hints).toEqual(["a released"]);
  });

  test("are looked at every 20 ms at most, however short a lease is", async () => {
    hear("a");
    polls.resume(50);
    await look();
    expect(await look()).toBe(20);
  });

  test("that are not there are free, which is a hint once", async () => {
    hear("b");
    await look();
    await look();
    expect(hints).toEqual(["b released"]);
  });

  test("cause no hint to a listener that has gone, nor of an election whose last one has", async () => {
    elections.set("a", free("1")).set("b", free("1"));
    const unwatch: (() => void)[] = [];
    for (const key of ["a", "a", "b"]) {
      unwatch.push(
        polls.add(key, () => {
          hints.push(key);
          for (const end of unwatch) end();
        }),
      );
    }
    await look();
    expect(hints).toEqual(["a"]);
    // What it has heard of no longer counts as seen.
    hear("b");
    await look();
    expect(hints).toEqual(["a", "b released"]);
  });

  test("are looked at for as long as any of them is watched, and not before", async () => {
    polls.resume();
    expect(alarms.size).toBe(0);
    const unwatch = hear("a");
    hear("b");
    unwatch();
    await look();
    expect(asked).toEqual([["b"]]);
  });

  test("wait for one look at a time, and after a close for a request, also if a watch begins", () => {
    hear("a");
    polls.resume();
    polls.resume();
    expect(alarms.size).toBe(1);
    polls.close();
    hear("b");
    expect(alarms.size).toBe(0);
    polls.resume();
    expect(alarms.size).toBe(1);
  });

  test("go on for the listener that stays, also if another one leaves twice", async () => {
    const unwatch = hear("a");
    hear("a");
    unwatch();
    unwatch();
    elections.set("a", free("1"));
    await look();
    expect(hints).toEqual(["a released"]);
  });

  test("are new to one who watches after all others had gone", async () => {
    elections.set("a", free("1"));
    hear("a")();
    const unwatch = hear("a");
    await look();
    unwatch();
    hear("a");
    await look();
    expect(hints).toEqual(["a released", "a released"]);
  });
});

describe("a look without an answer", () => {
  test("is given up after two seconds, and there is none beside it", async () => {
    const signals: AbortSignal[] = [];
    const timer = (ms: number, fire: () => void) => {
      const alarm = { ms, fire };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    };
    const hanging = new SqlPolls(
      (_keys, signal) =>
        new Promise((_, reject) => {
          signals.push(signal);
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
      timer,
    );
    hanging.add("a", () => {});
    expect(await look()).toBe(250);
    hanging.resume();
    hanging.add("b", () => {});
    expect([...alarms].map(({ ms }) => ms)).toEqual([2000]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    expect(await look()).toBe(2000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect([...alarms].map(({ ms }) => ms)).toEqual([250]);
    hanging.close();
    expect(alarms.size).toBe(0);
  });
});
