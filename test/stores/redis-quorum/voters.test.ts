import { describe, expect, test } from "vitest";
import { type Round, roundOf, Voters } from "../../../src/stores/redis-quorum/voters.ts";

const round = (sentAt: number, ...votes: number[]): Round => ({
  sentAt,
  ttl: 100,
  votes: new Set(votes),
});

describe("the voters of a term", () => {
  test("are those of its last round that a majority voted in", () => {
    const voters = new Voters();
    voters.won("n", round(0, 0, 1));
    voters.won("n", round(30, 1, 2));
    expect([...voters.of("n")]).toEqual([1, 2]);
  });

  test("are not those of a round that was overtaken by a later one", () => {
    const voters = new Voters();
    voters.won("n", round(30, 1, 2));
    voters.won("n", round(15, 0, 1));
    expect([...voters.of("n")]).toEqual([1, 2]);
  });

  test("are those of the later of two rounds that began in one millisecond", () => {
    const voters = new Voters();
    voters.won("n", round(30, 0, 1));
    voters.won("n", round(30, 1, 2));
    expect([...voters.of("n")]).toEqual([1, 2]);
  });

  test("are joined by a late vote of the same round", () => {
    const voters = new Voters();
    const first = round(0, 0, 1);
    voters.won("n", first);
    first.votes.add(2);
    expect(voters.of("n").has(2)).toBe(true);
  });

  test("are none after the release, for another term, and when the lease must have ended", () => {
    const voters = new Voters();
    voters.won("n", round(0, 0, 1));
    expect(voters.of("m").size).toBe(0);
    voters.won("m", round(100, 0, 1));
    expect(voters.of("n").size).toBe(0);
    voters.forget("m");
    expect(voters.of("m").size).toBe(0);
  });
});

test("a round begins when its first request leaves, without a vote", () => {
  const clock = { now: () => 5 };
  expect(roundOf({ clock, ttl: 100 })).toEqual({ sentAt: 5, ttl: 100, votes: new Set() });
});
