import type { Action, Fate, Scenario } from "./scenario.ts";
import { type Outcome, simulate } from "./simulate.ts";

/** The maximum number of runs for one shrinking. */
const BUDGET = 3000;

/**
 * Finds a shorter scenario that breaks the same promise, with its transcript. Actions, faults of messages,
 * candidates and reactions are removed as long as the promise stays broken. If the run breaks no promise,
 * it is returned unchanged.
 */
export async function shrink(scenario: Scenario): Promise<Outcome> {
  const first = await simulate(scenario, { transcript: true });
  const broken = first.violation?.invariant;
  if (broken === undefined) return first;
  let best: Scenario = first.fates === undefined ? scenario : { ...scenario, fates: first.fates };
  let left = BUDGET;
  const isStillBroken = async (candidate: Scenario): Promise<boolean> => {
    left -= 1;
    return (await simulate(candidate)).violation?.invariant === broken;
  };
  // With the fates of all messages listed, it must be the same run. If not, the weather is kept.
  if (!(await isStillBroken(best))) best = scenario;
  for (let before: Scenario | undefined; before !== best && left > 0; ) {
    before = best;
    for (const simpler of simplifications) {
      best = await firstBroken(best, simpler, isStillBroken, () => left > 0);
    }
  }
  return simulate(best, { transcript: true });
}

type Simplification = (scenario: Scenario) => Iterable<Scenario>;

/** Applies each simplification that keeps the promise broken, and starts over after each. */
async function firstBroken(
  scenario: Scenario,
  simplify: Simplification,
  isStillBroken: (scenario: Scenario) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<Scenario> {
  for (const simpler of simplify(scenario)) {
    if (!mayGoOn()) return scenario;
    if (await isStillBroken(simpler)) {
      return firstBroken(simpler, simplify, isStillBroken, mayGoOn);
    }
  }
  return scenario;
}

const simplifications: readonly Simplification[] = [
  function* fewerActions(scenario) {
    for (const actions of withoutParts(scenario.actions)) yield { ...scenario, actions };
  },
  function* fewerFates(scenario) {
    const { fates } = scenario;
    if (fates === undefined) return;
    for (const entries of withoutParts(Object.entries(fates))) {
      yield { ...scenario, fates: Object.fromEntries(entries) };
    }
  },
  function* simplerFates(scenario) {
    for (const [message, fate] of Object.entries(scenario.fates ?? {})) {
      for (const simpler of simplerThan(fate)) {
        yield { ...scenario, fates: { ...scenario.fates, [message]: simpler } };
      }
    }
  },
  function* fewerCandidates(scenario) {
    for (const index of scenario.candidates.keys()) {
      if (scenario.candidates.length > 1) yield withoutCandidate(scenario, index);
    }
  },
  function* calmerCandidates(scenario) {
    for (const [index, plan] of scenario.candidates.entries()) {
      if (plan.gains.length + plan.losses.length === 0) continue;
      const candidates = replaced(scenario.candidates, index, { ...plan, gains: [], losses: [] });
      yield { ...scenario, candidates };
    }
  },
  function* exactClocks(scenario) {
    for (const [index, { rate }] of scenario.processes.entries()) {
      if (rate === 1) continue;
      yield { ...scenario, processes: replaced(scenario.processes, index, { rate: 1 }) };
    }
  },
];

/** Returns the list without each of its halves, quarters, … and single elements. */
function* withoutParts<T>(list: readonly T[]): Generator<T[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < list.length; start += size) {
      yield [...list.slice(0, start), ...list.slice(start + size)];
    }
  }
}

function replaced<T>(list: readonly T[], index: number, value: T): T[] {
  return list.map((other, place) => (place === index ? value : other));
}

function* simplerThan(fate: Fate): Generator<Fate> {
  const { there, back, again } = fate;
  if (again !== undefined) yield { there, back };
  if (there !== 0.5) yield { ...fate, there: 0.5 };
  if (back !== 0.5) yield { ...fate, back: 0.5 };
}

/** Removes a candidate, so that the numbers of those after it decrease by one. */
function withoutCandidate(scenario: Scenario, gone: number): Scenario {
  const candidates = scenario.candidates.filter((_, index) => index !== gone);
  const actions = scenario.actions.flatMap((action): Action[] => {
    if (!("candidate" in action)) return [action];
    if (action.candidate === gone) return [];
    const { candidate } = action;
    return [{ ...action, candidate: candidate > gone ? candidate - 1 : candidate }];
  });
  return { ...scenario, candidates, actions };
}
