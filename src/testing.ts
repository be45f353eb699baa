export { ManualClock } from "./testing/manual-clock.ts";
export { createTestElection, type TestElection } from "./testing/test-election.ts";
