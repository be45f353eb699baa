import { expect, test } from "vitest";
import {
  leaseTime,
  readLeaseTime,
  renewTimeAfter,
} from "../../../src/stores/kubernetes/lease-time.ts";

test("a time has six digits of a second, whatever it is", () => {
  const sixDigits = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
  for (const ms of [0, -5, 0.5, 1_770_000_000_000.7, Number.MAX_SAFE_INTEGER]) {
    expect(leaseTime(ms)).toMatch(sixDigits);
  }
  expect(readLeaseTime(leaseTime(1_770_000_000_123))).toBe(1_770_000_000_123);
});

test("a renewal is in a later second than the one before", () => {
  const now = 1_770_000_000_900;
  expect(renewTimeAfter(undefined, now)).toBe(leaseTime(now));
  expect(renewTimeAfter(leaseTime(now - 1000), now)).toBe(leaseTime(now));
  expect(renewTimeAfter(leaseTime(now - 100), now)).toBe(leaseTime(now + 100));
  expect(renewTimeAfter(leaseTime(now + 60_000), now)).toBe(leaseTime(now + 60_100));
});

test("a time at the end of all times is left for the present", () => {
  const now = 1_770_000_000_000;
  expect(renewTimeAfter("9999-12-31T23:59:59.000000Z", now)).toBe(leaseTime(now));
});
