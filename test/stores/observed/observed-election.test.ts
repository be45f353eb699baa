import { expect, test } from "vitest";
import { ObservedElection } from "../../../src/stores/observed/observed-election.ts";
import type { Cell } from "../../../src/stores/observed/register.ts";

const held: Cell = {
  version: "7",
  record: {
    ...{ nonce: "its", seq: 1, nodeId: "node", metadata: undefined },
    ...{ token: 5, since: 0, ttl: 1000, at: 0 },
  },
};

test("a record that was seen before a watch began is dated anew when it begins, without a doubt", () => {
  const election = new ObservedElection({ count: 0 });
  election.see(held, 100);
  election.hear(held, 300);
  expect(election.sighting).toMatchObject({ seenAt: 300, doubtedAt: undefined });
});

test("a record that a watch reports again keeps its date", () => {
  const election = new ObservedElection({ count: 0 });
  election.hear(held, 300);
  election.hear(held, 400);
  election.see(held, 500);
  expect(election.sighting).toMatchObject({ seenAt: 300 });
});

test("a connection that breaks for another election casts doubt on one that is not watched, once", () => {
  const breaks = { count: 0 };
  const election = new ObservedElection(breaks);
  election.see(held, 100);
  breaks.count += 1;
  expect(election.sighting).toBeUndefined();
  expect(election.interruptions).toBe(1);
  expect(election.see(held, 200)).toMatchObject({ seenAt: 200, doubtedAt: 200 });
  expect(election.see(held, 300)).toMatchObject({ seenAt: 200 });
});

test("a connection that breaks for another election says nothing of one that is watched", () => {
  const breaks = { count: 0 };
  const election = new ObservedElection(breaks);
  election.hear(held, 100);
  breaks.count += 1;
  expect(election.sighting).toMatchObject({ seenAt: 100 });
  expect(election.interruptions).toBe(0);
});

test("what broke before an election was asked for says nothing of it", () => {
  const election = new ObservedElection({ count: 3 });
  election.see(held, 100);
  expect(election.sighting).toMatchObject({ seenAt: 100 });
});
