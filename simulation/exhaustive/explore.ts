import { type Action, act, actionsIn } from "./action.ts";
import { dispatch } from "./candidate.ts";
import type { Instance } from "./instance.ts";
import { Recogniser } from "./recogniser.ts";
import { emptyWorld, leadersOf, type World } from "./world.ts";

/** The result of an exploration. */
export interface Exploration {
  /** The number of worlds with different futures. */
  readonly states: number;
  /** The number of actions between them. */
  readonly steps: number;
  /** The largest distance of a world from the beginning, in steps of its shortest path. */
  readonly depth: number;
  /** Whether every possible action was tried. */
  readonly exhausted: boolean;
  readonly counterExample: CounterExample | undefined;
}

/** The violated promise, and the shortest path to it. */
export interface CounterExample {
  readonly violation: string;
  readonly actions: readonly Action[];
}

export interface ExploreOptions {
  /** The number of states after which the exploration gives up. */
  readonly most?: number;
  /** Called now and then with the number of states found, and of those not yet explored. */
  readonly onProgress?: (states: number, waiting: number) => void;
}

/** The world just after all candidates, or the first one, have started. */
export function beginningOf(instance: Instance): World {
  return instance.attempts.reduce(
    (world, _, index) =>
      instance.latecomers && index > 0
        ? world
        : dispatch(instance, world, index, { type: "start" }),
    emptyWorld(instance),
  );
}

/** Returns the violated promise, if there is one. */
export function violationIn(world: World): string | undefined {
  const leaders = leadersOf(world);
  if (leaders.length < 2) return world.violation;
  return `I1: ${leaders.map((index) => `c${index}`).join(" and ")} both lead`;
}

/** Tries every possible action, breadth first, until there are no new worlds or a promise is violated. */
export function explore(instance: Instance, options: ExploreOptions = {}): Exploration {
  const { most = 15_000_000, onProgress = () => {} } = options;
  const recogniser = new Recogniser(instance);
  const beginning = recogniser.recognise(beginningOf(instance));
  const seen = new Set([beginning.fingerprint]);
  const ways = new Ways();
  let steps = 0;
  let depth = 0;
  let first = 0;
  let layer: World[] = [beginning.world];
  const result = (exhausted: boolean, counterExample?: CounterExample): Exploration => ({
    ...{ states: seen.size, steps, depth, exhausted, counterExample },
  });
  while (layer.length > 0) {
    const next: World[] = [];
    for (const [at, world] of layer.entries()) {
      for (const [choice, action] of actionsIn(instance, world).entries()) {
        const { fingerprint, world: after } = recogniser.recognise(act(instance, world, action));
        steps += 1;
        const violation = violationIn(after);
        if (violation === undefined && seen.has(fingerprint)) continue;
        seen.add(fingerprint);
        ways.add(first + at, choice);
        if (violation !== undefined) {
          return result(false, { violation, actions: ways.last(instance) });
        }
        next.push(after);
        if (seen.size % 50_000 === 0) onProgress(seen.size, layer.length - at + next.length);
        if (seen.size >= most) return result(false);
      }
    }
    first += layer.length;
    layer = next;
    if (next.length > 0) depth += 1;
  }
  return result(true);
}

/** From which world, and by which of its possible actions, each world was reached. */
class Ways {
  readonly #from: number[] = [-1];
  readonly #choices: number[] = [-1];

  add(from: number, choice: number): void {
    this.#from.push(from);
    this.#choices.push(choice);
  }

  /** The actions that lead to the most recently added world. */
  last(instance: Instance): Action[] {
    const choices: number[] = [];
    for (let at = this.#from.length - 1; at > 0; at = this.#from[at] ?? 0) {
      choices.unshift(this.#choices[at] ?? 0);
    }
    const actions: Action[] = [];
    let world = beginningOf(instance);
    for (const choice of choices) {
      const action = actionsIn(instance, world)[choice];
      if (action === undefined) throw new Error("The way cannot be gone again.");
      actions.push(action);
      world = act(instance, world, action);
    }
    return actions;
  }
}
