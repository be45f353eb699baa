import { type Action, act, actionsIn } from "./action.ts";
import type { Instance } from "./instance.ts";
import { beginningOf, violationIn, type World } from "./world.ts";

export interface Exploration {
  /** How many worlds there are. */
  readonly states: number;
  /** Whether everything was tried. */
  readonly isExhausted: boolean;
  readonly violation: string | undefined;
  /** The shortest way to the violation. */
  readonly actions: readonly Action[];
}

interface Reached {
  readonly world: World;
  readonly by: Action | undefined;
  readonly from: Reached | undefined;
}

/** Tries everything that can happen, breadth first, until there is nothing new or a promise is broken. */
export function explore(instance: Instance, most = 2_000_000): Exploration {
  const beginning: Reached = { world: beginningOf(instance), by: undefined, from: undefined };
  const seen = new Set([fingerprintOf(beginning.world)]);
  let layer = [beginning];
  while (layer.length > 0) {
    const next: Reached[] = [];
    for (const from of layer) {
      for (const by of actionsIn(instance, from.world)) {
        const world = act(instance, from.world, by);
        const fingerprint = fingerprintOf(world);
        if (seen.has(fingerprint)) continue;
        seen.add(fingerprint);
        const reached = { world, by, from };
        const violation = violationIn(world);
        if (violation !== undefined) {
          return { states: seen.size, isExhausted: false, violation, actions: wayTo(reached) };
        }
        next.push(reached);
        if (seen.size >= most) {
          return { states: seen.size, isExhausted: false, violation, actions: [] };
        }
      }
    }
    layer = next;
  }
  return { states: seen.size, isExhausted: true, violation: undefined, actions: [] };
}

/** What distinguishes worlds. The order of messages does not. */
function fingerprintOf({ messages, ...world }: World): string {
  const texts = messages.map((message) => JSON.stringify(message, brief)).sort();
  return JSON.stringify([world, texts], brief);
}

const names = new WeakMap<object, string>();

/** Records by short names: they make up most of a world. */
function brief(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("nonce" in value)) return value;
  const known = names.get(value);
  if (known !== undefined) return known;
  const name = Object.values(value).join("/");
  names.set(value, name);
  return name;
}

function wayTo(reached: Reached): Action[] {
  const actions: Action[] = [];
  for (let at: Reached | undefined = reached; at?.by !== undefined; at = at.from) {
    actions.unshift(at.by);
  }
  return actions;
}
