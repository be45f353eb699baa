import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { createTestElection } from "incumbent/testing";
import { startScheduler } from "./scheduler.mjs";

let office;
let job;
let scheduler;

beforeEach(async () => {
  mock.timers.enable();
  office = createTestElection();
  job = mock.fn();
  scheduler = await startScheduler(office.elector, { every: 60_000, job });
});

afterEach(async () => {
  await office.close();
  mock.timers.reset();
});

test("does nothing while another process leads", async () => {
  await office.advance(3_600_000);
  assert.equal(scheduler.isRunning, false);
});

test("stops when leadership is lost", async () => {
  await office.grant();
  await office.steal();
  assert.equal(scheduler.isRunning, false);
});

test("outlives an outage of the store of five seconds, and stops in one of ten", async () => {
  await office.grant();
  await office.partition(office.elector);
  await office.advance(5_000);
  assert.equal(scheduler.isRunning, true);
  await office.advance(5_000);
  assert.equal(scheduler.isRunning, false);
});

test("gives the job the fencing token of its term", async () => {
  await office.grant();
  mock.timers.tick(60_000); // The scheduler's timers, which are not those of the elector.
  await office.expire();
  await office.grant();
  mock.timers.tick(60_000);
  const [first, second] = job.mock.calls.map((call) => call.arguments[0]);
  assert.ok(second > first);
});
