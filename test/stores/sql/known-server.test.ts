import { beforeEach, expect, test } from "vitest";
import { KnownServer } from "../../../src/stores/sql/known-server.ts";

const QUARANTINE = 1000;

let ms: number;
let server: KnownServer;

beforeEach(() => {
  ms = 0;
  server = new KnownServer();
});

const clock = { now: () => ms };
const doubt = () => server.doubtful(QUARANTINE, clock);

/** It answers at this time of ours, and its own clock shows so many ms more than at the beginning. */
function hear(run: string, at: number, shows = at): void {
  ms = at;
  server.heard({ run, now: 1_770_000_000_000_000 + shows * 1000 }, clock);
}

test("the first server, and one that answers again, is not doubted", () => {
  hear("a", 0);
  hear("a", 100);
  expect(doubt()).toBe(0);
});

test("another server is doubted for one quarantine, and so is the first one when it is back", () => {
  hear("a", 0);
  hear("b", 100);
  expect(doubt()).toBe(QUARANTINE);
  hear("b", 1100);
  expect(doubt()).toBe(0);
  hear("a", 1200);
  expect(doubt()).toBe(QUARANTINE);
});

test("the doubt ends by the clock of the server, as ours may run faster", () => {
  hear("a", 0);
  hear("b", 100);
  ms = 1100;
  expect(doubt()).toBe(200);
  hear("b", 1100, 950);
  expect(doubt()).toBe(150);
  hear("b", 1150, 1100);
  expect(doubt()).toBe(0);
});

test("what has passed on our clock since the server was last heard counts as well, in part", () => {
  hear("a", 0);
  hear("b", 100);
  hear("b", 600);
  ms = 700;
  expect(doubt()).toBe(QUARANTINE - 500 - 80);
});

test("a clock of the server that is set back prolongs the doubt by a quarter at most", () => {
  hear("a", 0);
  hear("b", 100);
  hear("b", 1350, -3_600_000);
  expect(doubt()).toBe(0);
});

test("a not-after is shown on the server's clock, in whole µs and never late", () => {
  expect(server.lastMoment({ notAfter: 5000 })).toBe(0);
  hear("a", 100);
  expect(server.lastMoment({ notAfter: 300.0005 })).toBe(1_770_000_000_300_000);
  expect(server.lastMoment({ notAfter: 99 })).toBe(1_770_000_000_099_000);
});
