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
});
