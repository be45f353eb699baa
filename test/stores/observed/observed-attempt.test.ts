import { describe, expect, test } from "vitest";
import { ObservedAttempt } from "../../../src/stores/observed/observed-attempt.ts";
import type { Cell, ObservedRecord } from "../../../src/stores/observed/register.ts";

function recordOf(seq: number): ObservedRecord {
  return {
    ...{ nonce: "nonce", seq, nodeId: "node", metadata: undefined },
    ...{ token: 1, since: 0, ttl: 1000, at: 0 },
  };
}

const cellOf = (seq: number): Cell => ({ version: `${seq}`, record: recordOf(seq) });

describe("a write whose answer was lost", () => {
  test("may replace what it was to replace, and nothing else", () => {
    const attempt = new ObservedAttempt();
    const write = recordOf(2);
    attempt.doubt(write, cellOf(1));
    expect(attempt.doubtOn(cellOf(1))).toBe(write);
    expect(attempt.doubtOn(cellOf(3))).toBeUndefined();
  });

  test("is in doubt no more once it is known what became of it", () => {
    const attempt = new ObservedAttempt();
    const write = recordOf(2);
    attempt.doubt(write, cellOf(1));
    attempt.settle(write);
    expect(attempt.doubtOn(cellOf(1))).toBeUndefined();
  });
});

describe("the lease of an attempt", () => {
  const leaseOf = (seq: number, endsAt: number) => ({
    ...{ cell: cellOf(seq), record: recordOf(seq), endsAt },
  });

  test("is that of the renewal that was sent last, whichever is answered first", () => {
    const attempt = new ObservedAttempt();
    const [first, second] = [leaseOf(1, 1000), leaseOf(2, 2000)];
    attempt.keep(second);
    attempt.keep(first);
    expect(attempt.lease).toBe(second);
  });

  test("is that of the later answer if both were sent in one millisecond", () => {
    const attempt = new ObservedAttempt();
    const [first, second] = [leaseOf(1, 1000), leaseOf(2, 1000)];
    attempt.keep(first);
    attempt.keep(second);
    expect(attempt.lease).toBe(second);
  });
});
