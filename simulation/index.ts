// The part of the simulation that the scripts and mutants use.
export { generateScenario } from "./generate.ts";
export type { Database, Scenario } from "./scenario.ts";
export { shrink } from "./shrink.ts";
export { runSeed, simulate } from "./simulate.ts";
export type { Violation } from "./verdict.ts";
