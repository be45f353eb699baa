// What the scripts and the mutants use of the simulation.
export { generateScenario } from "./generate.ts";
export type { Violation } from "./invariants.ts";
export type { Scenario } from "./scenario.ts";
export { shrink } from "./shrink.ts";
export { runSeed, simulate } from "./simulate.ts";
