import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { createTestElection } from "incumbent/testing";
import { startScheduler } from "./scheduler.mjs";

let election;
let job;
let scheduler;

beforeEach(async () => {
  mock.timers.enable();
  election = createTestElection();
  job = mock.fn();
  scheduler = await startScheduler(election.elector, { every: 60_000, job });
});

afterEach(async () => {
  await election.close();
  mock.timers.reset();
});

test("does nothing while another process leads", async () => {
  await election.advance(3_600_000);
  assert.equal(scheduler.isRunning, false);
});

test("stops when leadership is lost", async () => {
  await election.grant();
  await election.steal();
  assert.equal(scheduler.isRunning, false);
});

test("outlives an outage of the store of five seconds, and stops in one of ten", async () => {
  await election.grant();
  await election.partition(election.elector);
  await election.advance(5_000);
  assert.equal(scheduler.isRunning, true);
  await election.advance(5_000);
  assert.equal(scheduler.isRunning, false);
});

test("gives the job the fencing token of its term", async () => {
  await election.grant();
  mock.timers.tick(60_000); // The scheduler's timers, which are not those of the elector.
  await election.expire();
  await election.grant();
  mock.timers.tick(60_000);
  const [first, second] = job.mock.calls.map((call) => call.arguments[0]);
  assert.ok(second > first);
});
