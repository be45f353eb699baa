import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterSplit, propose } from "../../../src/stores/redis-quorum/quorum-token.ts";
import { nonce } from "../../support/requests.ts";

const NOW = 50_000;
const CARRY = 10_000;
const at = (micros: number, ago = 0) => ({ micros, at: NOW - ago });
const from = (seen: number, ...clocks: { micros: number; at: number }[]) =>
  propose({ seen, clocks, now: NOW, carry: CARRY });

describe("a proposal", () => {
  test("is above all that was seen", () => {
    expect(from(9_000, at(5_000), at(5_000), at(5_000))).toBe(9_001);
  });

  test("is the time of the servers if that is more", () => {
    expect(from(10, at(5_000), at(6_000), at(7_000))).toBe(6_000);
    expect(from(10, at(7_000), at(5_000), at(6_000))).toBe(6_000);
    expect(from(10, at(70_000), at(6_000), at(5_000))).toBe(6_000);
  });

  test("goes on with the time since a server was heard, but only so far", () => {
    expect(from(0, at(5_000, 3))).toBe(8_000);
    expect(from(0, at(5_000, 1_000_000))).toBe(5_000 + CARRY * 1000);
    expect(from(0, at(5_000, -3))).toBe(5_000);
  });

  test("is a whole number, though the time since is not", () => {
    expect(from(0, at(5_000, 0.0004))).toBe(5_000);
  });

  const micros = fc.integer({ min: 0, max: 2 ** 52 });

  test("is always above what was seen", () => {
    fc.assert(
      fc.property(micros, fc.array(micros), (seen, clocks) => {
        const proposal = from(seen, ...clocks.map((clock) => at(clock)));
        expect(proposal).toBeGreaterThan(seen);
        expect(Number.isSafeInteger(proposal)).toBe(true);
      }),
    );
  });

  test("never follows a minority of clocks that are wrong, however far ahead they are", () => {
    const sound = fc.integer({ min: 1000, max: 2000 });
    fc.assert(
      fc.property(fc.array(sound, { minLength: 1, maxLength: 5 }), micros, (clocks, wrong) => {
        const minority = clocks.slice(1).map(() => at(wrong));
        const proposal = from(0, ...clocks.map((clock) => at(clock)), ...minority);
        expect(proposal).toBeLessThanOrEqual(Math.max(...clocks));
      }),
    );
  });

  test("is one above what was seen if no clock is known", () => {
    expect(from(4)).toBe(5);
  });
});

describe("the wait after split votes", () => {
  test("is the nonce's chance of a window that doubles with each split, up to two seconds", () => {
    const half = `${"0".repeat(24)}80000000`;
    expect([1, 2, 3, 4].map((splits) => afterSplit(half, splits, 5))).toEqual([10, 20, 40, 80]);
    expect(afterSplit(half, 1000, 5)).toBe(1000);
    expect(afterSplit("0".repeat(32), 1, 5)).toBe(0);
    expect(afterSplit(half, 1, 0)).toBe(2);
  });

  test("is spread evenly by nonces as electors make them", () => {
    const waits = Array.from({ length: 4000 }, () => afterSplit(nonce(), 1, 25));
    const quarters = [0, 25, 50, 75].map(
      (least) => waits.filter((wait) => wait >= least && wait < least + 25).length,
    );
    for (const count of quarters) expect(count).toBeGreaterThan(800);
    expect(Math.max(...waits)).toBeLessThan(100);
  });

  test("is half of the window by a nonce that is no hex, as in a simulation", () => {
    expect(afterSplit("one", 1, 5)).toBe(10);
  });
});
