import { generateScenario } from "../../simulation/generate.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { simulate } from "../../simulation/simulate.ts";

/** The first seed that breaks I4 when clocks run slower than any drift factor allows for. */
export async function brokenBySlowClocks(): Promise<Scenario> {
  for (let seed = 0; seed < 200; seed += 1) {
    const given = generateScenario(seed);
    const scenario = { ...given, processes: given.processes.map(() => ({ rate: 0.6 })) };
    const { violation } = await simulate(scenario);
    if (violation?.invariant === "I4" && scenario.actions.length > 6) return scenario;
  }
  throw new Error("no seed breaks I4");
}
