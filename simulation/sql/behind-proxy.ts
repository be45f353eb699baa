import { Random } from "../random.ts";
import type { Action, Scenario } from "../scenario.ts";

/**
 * In some runs, the address of the database is that of a proxy, which leads all clients to a second one and mostly
 * back. Both keep running.
 */
export function behindProxy(scenario: Scenario): Scenario {
  // A stream of its own: what else a seed means stays as it was.
  const random = new Random(scenario.seed, 9);
  if (!random.chance(0.3)) return scenario;
  const second = { isKnown: random.chance(0.85) };
  const moves = drawMoves(random, scenario);
  // A process that was never elsewhere does not wait, so tokens grow only because the clocks agree.
  const kept = scenario.actions
    .filter(({ does }) => does !== "set-back")
    .map((each) => (each.does === "fail-over" ? { ...each, skew: 0 } : each));
  const actions = [...kept, ...moves].sort((one, other) => one.at - other.at);
  return { ...scenario, second, actions };
}

/** To the second database, and mostly back, once or twice. */
function drawMoves(random: Random, { timing: { ttl }, troubleEnds }: Scenario): Action[] {
  const moves: Action[] = [];
  let at = random.between(0, troubleEnds);
  const number = random.pick([1, 2, 2, 2, 2, 3, 4]);
  while (moves.length < number && at <= troubleEnds) {
    moves.push({ at, does: "switch", server: 0, memory: "own" });
    at += ttl * random.between(0.05, 2);
  }
  return moves;
}
