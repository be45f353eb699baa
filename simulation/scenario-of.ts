import { generateScenario } from "./generate.ts";
import { inCluster } from "./replicated/cluster/generate.ts";
import { behindSentinels } from "./replicated/generate.ts";
import type { Scenario, Store } from "./scenario.ts";
import { behindProxy } from "./sql/behind-proxy.ts";

/** The scenario of a seed, for so many servers, which are Redis unless there is a `store`; 0 for a register. */
export function scenarioOf(seed: number, servers = 1, store?: Store): Scenario {
  if (store === "sentinel") return behindSentinels(seed);
  if (store === "cluster") return inCluster(seed);
  const scenario = generateScenario(seed, servers, store);
  return store === undefined ? scenario : behindProxy(scenario);
}
