import { Random } from "./random.ts";
import { drawReactions } from "./reactions.ts";
import type { Action, CandidatePlan, Scenario } from "./scenario.ts";

/**
 * In some runs, the processes take part in up to three further elections, so that their electors share the
 * calls of a store. What a program does to one of its electors, it mostly does to the others in the same tick.
 */
export function withFurtherElections(scenario: Scenario): Scenario {
  // A stream of its own: the run is the same without them.
  const random = new Random(scenario.seed, 5);
  if (!random.chance(0.35)) return scenario;
  const further = drawFurther(random, scenario);
  const actions = [...scenario.actions, ...followers(random, scenario, further)];
  return {
    ...scenario,
    candidates: [...scenario.candidates, ...further],
    actions: actions.sort((one, other) => one.at - other.at),
  };
}

function drawFurther(random: Random, { processes, timing }: Scenario): CandidatePlan[] {
  const crowd = processes.length;
  return Array.from({ length: random.whole(1, 3) * crowd }, (_, index) => ({
    nodeId: `node-${index % crowd}`,
    process: index % crowd,
    election: 1 + Math.floor(index / crowd),
    gains: drawReactions(random, timing),
    losses: drawReactions(random, timing),
  }));
}

function followers(
  random: Random,
  { candidates, actions, troubleEnds }: Scenario,
  further: readonly CandidatePlan[],
): Action[] {
  return actions.flatMap((action) => {
    if (!("candidate" in action)) return [];
    const process = candidates[action.candidate]?.process;
    return further.flatMap((plan, index) => {
      if (plan.process !== process || random.chance(0.2)) return [];
      const at = random.chance(0.8) ? action.at : random.between(0, troubleEnds);
      return [{ ...action, at, candidate: candidates.length + index }];
    });
  });
}
