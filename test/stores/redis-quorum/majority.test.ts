import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LeaseRecord } from "../../../src/stores/lease-store.ts";
import {
  foremost,
  majorityOf,
  reachedByMajority,
} from "../../../src/stores/redis-quorum/majority.ts";

function record(fields: Partial<LeaseRecord> = {}): LeaseRecord {
  return { nodeId: "a", token: 1, since: 0, expiresIn: 1000, metadata: undefined, ...fields };
}

describe("a majority", () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])("of %i is %i", (servers, majority) => {
    expect(majorityOf(servers)).toBe(majority);
  });

  test("has a server in common with every other majority, and no fewer have", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (servers) => {
        expect(2 * majorityOf(servers)).toBeGreaterThan(servers);
        expect(2 * (majorityOf(servers) - 1)).toBeLessThanOrEqual(servers);
      }),
    );
  });

  test("can be free when so many of the waits are over", () => {
    const waits = fc.array(fc.float({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(waits, (all) => {
        const free = (at: number) => all.filter((wait) => wait <= at).length;
        const wait = reachedByMajority(all);
        expect(free(wait)).toBeGreaterThanOrEqual(majorityOf(all.length));
        for (const earlier of all.filter((each) => each < wait)) {
          expect(free(earlier)).toBeLessThan(majorityOf(all.length));
        }
      }),
    );
  });

  test("is out of reach while too many waits have no end", () => {
    expect(reachedByMajority([5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(reachedByMajority([5, 7, Number.POSITIVE_INFINITY])).toBe(7);
  });
});

describe("the leader that most servers name", () => {
  test("is none if no server has a lease", () => {
    expect(foremost([undefined, undefined], 3)).toBeUndefined();
  });

  test("leads for as long as a majority has its lease", () => {
    const records = [100, 900, 500].map((expiresIn) => record({ expiresIn }));
    expect(foremost(records, 3)).toMatchObject({ votes: 3, record: { expiresIn: 500 } });
  });

  test("is distinguished by token and node", () => {
    const records = [
      record({ token: 1, nodeId: "a" }),
      record({ token: 2, nodeId: "a" }),
      record({ token: 2, nodeId: "b" }),
      record({ token: 2, nodeId: "b", since: -7 }),
    ];
    const leader = { token: 2, nodeId: "b", since: -7 };
    expect(foremost(records, 5)).toMatchObject({ votes: 2, record: leader });
  });
});
