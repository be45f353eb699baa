export { generateScenario } from "./simulation/generate.ts";
export type { Violation } from "./simulation/invariants.ts";
export type {
  Action,
  CandidatePlan,
  Fate,
  ProcessPlan,
  Reaction,
  Scenario,
  ScenarioTiming,
  ServerPlan,
  Weather,
  WorkPlan,
} from "./simulation/scenario.ts";
export { shrink } from "./simulation/shrink.ts";
export { type Outcome, runSeed, type SimulateOptions, simulate } from "./simulation/simulate.ts";
