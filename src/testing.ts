export { createTestElection } from "./testing/create-test-election.ts";
export { ManualClock } from "./testing/manual-clock.ts";
export type { TestElection, TestElectionOptions } from "./testing/test-election.ts";
