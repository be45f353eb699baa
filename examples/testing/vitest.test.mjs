import { createTestElection } from "incumbent/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startScheduler } from "./scheduler.mjs";

let election;
let job;
let scheduler;

beforeEach(async () => {
  vi.useFakeTimers();
  election = createTestElection();
  job = vi.fn();
  scheduler = await startScheduler(election.elector, { every: 60_000, job });
});

afterEach(async () => {
  await election.close();
  vi.useRealTimers();
});

test("does nothing while another process leads", async () => {
  await election.advance(3_600_000);
  expect(scheduler.isRunning).toBe(false);
});

test("stops when leadership is lost", async () => {
  await election.grant();
  await election.steal();
  expect(scheduler.isRunning).toBe(false);
});

test("outlives an outage of the store of five seconds, and stops in one of ten", async () => {
  await election.grant();
  await election.partition(election.elector);
  await election.advance(5_000);
  expect(scheduler.isRunning).toBe(true);
  await election.advance(5_000);
  expect(scheduler.isRunning).toBe(false);
});

test("gives the job the fencing token of its term", async () => {
  await election.grant();
  vi.advanceTimersByTime(60_000); // The scheduler's timers, which are not those of the elector.
  await election.expire();
  await election.grant();
  vi.advanceTimersByTime(60_000);
  const [[first], [second]] = job.mock.calls;
  expect(second).toBeGreaterThan(first);
});
