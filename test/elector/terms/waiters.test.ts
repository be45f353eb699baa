import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Waiters } from "../../../src/elector/terms/waiters.ts";

test("all that wait get the next value, and none an earlier one", async () => {
  const waiters = new Waiters<number>();
  waiters.resolve(1);
  const both = Promise.all([waiters.wait(), waiters.wait()]);
  waiters.resolve(2);
  waiters.resolve(3);
  expect(await both).toEqual([2, 2]);
});

test("who has waited leaves nothing on a signal that lives on", async () => {
  const waiters = new Waiters<number>();
  const { signal } = new AbortController();
  const waiting = waiters.wait(signal);
  waiters.resolve(1);
  await waiting;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
