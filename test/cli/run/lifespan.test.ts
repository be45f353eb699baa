import { beforeEach, describe, expect, test } from "vitest";
import { Lifespan } from "../../../src/cli/run/lifespan.ts";
import type { LossReason } from "../../../src/election/state.ts";
import { Events } from "../../../src/elector/events.ts";
import { HeldTerm } from "../../../src/elector/terms/term.ts";

/** A term that is trusted for 900 of the 1000 ms of its lease; 25 of the last 100 are kept back. */
let now: number;
let events: Events;
let term: HeldTerm;
let renewals: number;
let lifespan: Lifespan;
beforeEach(() => {
  now = 5000;
  renewals = 0;
  events = new Events();
  term = new HeldTerm({
    ...{ key: "job", nodeId: "one", token: 1, since: new Date(0) },
    remaining: () => 900,
  });
  const settings = { ttl: 1000, safetyMargin: 100 };
  lifespan = new Lifespan(events, term, settings, () => renewals++, { now: () => now });
});

const renew = (took: number) => events.emit("renewed", { term, took });

describe("a command may live", () => {
  test("until shortly before its lease ends, at the latest", () => {
    expect(lifespan.remaining).toBe(975);
  });

  test("longer with each renewal, from when it was sent, and the guard is informed", () => {
    now += 300;
    renew(40);
    expect(lifespan.remaining).toBe(935);
    expect(renewals).toBe(1);
  });

  test("no shorter after a renewal whose answer arrives out of order", () => {
    now += 300;
    renew(10);
    renew(290);
    expect(lifespan.remaining).toBe(965);
  });

  test("no longer for renewals after it is closed", () => {
    lifespan.close();
    now += 300;
    renew(0);
    expect(lifespan.remaining).toBe(675);
  });
});

describe("patience with a command that is being ended", () => {
  /** For how many ms, in steps of 5. */
  const lasts = (killNow: () => boolean) => {
    const from = now;
    while (!killNow()) now += 5;
    return now - from;
  };

  test("lasts for its grace while the lease does", () => {
    expect(lasts(lifespan.patience(300))).toBe(300);
  });

  test("lasts no longer than the lease", () => {
    expect(lasts(lifespan.patience(5000))).toBe(975);
  });

  test("goes on while the lease is renewed", () => {
    const killNow = lifespan.patience(1500);
    now += 900;
    expect(killNow()).toBe(false);
    renew(0);
    expect(lasts(killNow)).toBe(600);
  });

  test.each<[LossReason, number]>([
    ["expired", 0],
    ["superseded", 0],
    ["store-lost", 300],
    ["resigned", 300],
    ["stopped", 300],
  ])("when the term ended as %s lasts %i ms", (reason, expected) => {
    term.end(reason);
    expect(lasts(lifespan.patience(300))).toBe(expected);
  });
});
