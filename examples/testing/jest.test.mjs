import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createTestElection } from "incumbent/testing";
import { startScheduler } from "./scheduler.mjs";

let office;
let job;
let scheduler;

beforeEach(async () => {
  jest.useFakeTimers();
  office = createTestElection();
  job = jest.fn();
  scheduler = await startScheduler(office.elector, { every: 60_000, job });
});

afterEach(async () => {
  await office.close();
  jest.useRealTimers();
});

test("does nothing while another process leads", async () => {
  await office.advance(3_600_000);
  expect(scheduler.isRunning).toBe(false);
});

test("stops when leadership is lost", async () => {
  await office.grant();
  await office.steal();
  expect(scheduler.isRunning).toBe(false);
});

test("outlives an outage of the store of five seconds, and stops in one of ten", async () => {
  await office.grant();
  await office.partition(office.elector);
  await office.advance(5_000);
  expect(scheduler.isRunning).toBe(true);
  await office.advance(5_000);
  expect(scheduler.isRunning).toBe(false);
});

test("gives the job the fencing token of its term", async () => {
  await office.grant();
  jest.advanceTimersByTime(60_000); // The scheduler's timers, which are not those of the elector.
  await office.expire();
  await office.grant();
  jest.advanceTimersByTime(60_000);
  const [[first], [second]] = job.mock.calls;
  expect(second).toBeGreaterThan(first);
});
