import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStore, rules, type StoreUnderTest } from "../../src/conformance.ts";
import { PlainStore, underTest, type WrongStore } from "./plain-store.ts";
import { VotingStore } from "./voting-store.ts";

const folder = new URL("./wrong-stores/", import.meta.url);
const wrongStores: [fault: string, store: WrongStore][] = [];
for (const file of readdirSync(folder).sort()) {
  const { wrongStore } = await import(new URL(file, folder).href);
  wrongStores.push([file.replace(".ts", "").replaceAll("-", " "), wrongStore]);
}

/** The ids of the rules that the store breaks. */
async function brokenBy(store: StoreUnderTest): Promise<string[]> {
  const runs: [name: string, run: () => Promise<void>][] = [];
  checkStore((name, run) => runs.push([name, run]), store);
  const broken: string[] = [];
  for (const [name, run] of runs) {
    await run().catch(() => broken.push(name.split(":")[0] ?? ""));
  }
  return broken.sort();
}

// One of the wrong stores causes an unhandled rejection, which the test runner would report.
const listeners = process.listeners("unhandledRejection");
beforeAll(() => {
  process.removeAllListeners("unhandledRejection");
});
afterAll(() => {
  for (const listener of listeners) process.on("unhandledRejection", listener);
});

describe("the kit detects that a store", () => {
  // Side by side: most rules wait for leases to end.
  test.concurrent.each(wrongStores)("%s", async (_fault, wrong) => {
    expect(await brokenBy(underTest(wrong))).toEqual([...wrong.caughtBy].sort());
  });
});

test("the correct store from which the wrong ones are made breaks no rule", async () => {
  const plain = { caughtBy: [], open: (place: PlainStore["place"]) => new PlainStore(place) };
  expect(await brokenBy(underTest(plain))).toEqual([]);
});

test("the same store breaks no rule if the clock of the observer decides", async () => {
  class Observed extends PlainStore {
    override readonly traits: PlainStore["traits"] = {
      ...{ name: "plain", exclusion: "strict", tokens: "memory", clock: "observer" },
    };
  }
  const open = (place: PlainStore["place"]) => new Observed(place);
  expect(
    await brokenBy(underTest({ caughtBy: [], capabilities: { clock: "observer" }, open })),
  ).toEqual([]);
});

test("a store whose votes can be split breaks no rule if it declares that", async () => {
  const open = (place: PlainStore["place"]) => new VotingStore(place);
  expect(
    await brokenBy(underTest({ caughtBy: [], capabilities: { splitVotes: true }, open })),
  ).toEqual([]);
});

test("every rule is broken by one of the wrong stores", () => {
  const caught = new Set(wrongStores.flatMap(([, { caughtBy }]) => caughtBy));
  expect(rules.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
});

test("a store that declares a granularity of whole seconds breaks no rule, and is tested with leases of two", async () => {
  const ttls: number[] = [];
  class CountsSeconds extends PlainStore {
    override save: PlainStore["save"] = (key, lease) => {
      ttls.push(lease.ttl);
      super.save(key, { ...lease, expiresAt: 1000 * (1 + Math.floor(lease.expiresAt / 1000)) });
    };
  }
  const open = (place: PlainStore["place"]) => new CountsSeconds(place);
  expect(
    await brokenBy(underTest({ caughtBy: [], capabilities: { granularity: 1000 }, open })),
  ).toEqual([]);
  expect(Math.min(...ttls)).toBe(2000);
});
