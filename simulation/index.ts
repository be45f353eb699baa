// The part of the simulation that the scripts and mutants use.
export type { Scenario, Store } from "./scenario.ts";
export { scenarioOf } from "./scenario-of.ts";
export { shrink } from "./shrink.ts";
export { runSeed, simulate } from "./simulate.ts";
export type { Violation } from "./verdict.ts";
