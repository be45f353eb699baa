import type { Action, CandidatePlan, Reaction, Scenario, ScenarioTiming } from "../scenario.ts";

/**
 * How much longer everything takes than in other scenarios: the times after which a Sentinel or a node of a cluster is
 * no longer waited for are fixed, and made for the `ttl`s of real electors.
 */
const SLOWER = 10;

/** A message takes longer only by a fault, in ms: a Sentinel is waited for 100 ms when the others have answered. */
const LONGEST_DELAY = 20;

/** Faults that do not concern the server, and so may happen to replicated ones as well. */
export const kept: ReadonlySet<Action["does"]> = new Set([
  ...(["start", "stop", "resign", "lead", "pause", "suspend", "crash"] as const),
  ...(["jump-wall", "set-rate", "sever", "partition", "freeze"] as const),
]);

/** The same, with all times of the electors and the faults so much longer. */
export function slower(scenario: Scenario): Scenario {
  const { timing, candidates, actions, weather, troubleEnds } = scenario;
  return {
    ...scenario,
    timing: slowerTiming(timing),
    candidates: candidates.map(slowerCandidate),
    actions: actions.map(slowerAction),
    weather: {
      ...weather,
      delay: Math.min(weather.delay, LONGEST_DELAY),
      latest: weather.latest * SLOWER,
    },
    troubleEnds: troubleEnds * SLOWER,
  };
}

function slowerTiming(timing: ScenarioTiming): ScenarioTiming {
  const { ttl, renewalInterval, safetyMargin, drainTimeout, driftFactor } = timing;
  return {
    ttl: ttl * SLOWER,
    renewalInterval: renewalInterval * SLOWER,
    safetyMargin: safetyMargin * SLOWER,
    drainTimeout: drainTimeout * SLOWER,
    driftFactor,
  };
}

function slowerCandidate(plan: CandidatePlan): CandidatePlan {
  return {
    ...plan,
    gains: plan.gains.map(slowerReaction),
    losses: plan.losses.map(slowerReaction),
  };
}

function slowerReaction(reaction: Reaction): Reaction {
  return "for" in reaction ? { ...reaction, for: reaction.for * SLOWER } : reaction;
}

function slowerAction(action: Action): Action {
  const slow = { ...action, at: action.at * SLOWER };
  if (slow.does === "lead")
    return { ...slow, work: { ...slow.work, lasts: slow.work.lasts * SLOWER } };
  return "for" in slow ? { ...slow, for: slow.for * SLOWER } : slow;
}
