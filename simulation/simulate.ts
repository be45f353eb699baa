import { planActions } from "./actions.ts";
import { generateScenario } from "./generate.ts";
import { handOver, loseUnheard } from "./hand-over.ts";
import type { Violation } from "./invariants.ts";
import { quiet, turn } from "./quiet.ts";
import type { Fate, Scenario } from "./scenario.ts";
import { RETRANSMISSION } from "./simulated-client.ts";
import { World } from "./world.ts";

/** The result of a run. */
export interface Outcome {
  readonly scenario: Scenario;
  /** The first broken promise, if there was one. */
  readonly violation: Violation | undefined;
  /** A digest that is equal for the same scenario and code. */
  readonly digest: number;
  /** Counts of faults by kind, elections, renewals, … */
  readonly counts: Readonly<Record<string, number>>;
  /** The lines of the transcript; empty unless it was requested. */
  readonly transcript: readonly string[];
  /** The fate of every message; absent unless the transcript was requested. */
  readonly fates: Readonly<Record<string, Fate>> | undefined;
}

/** What to record of a run. */
export interface SimulateOptions {
  /** Whether to record a transcript, which takes about three times as long. */
  readonly transcript?: boolean;
}

/** How to make a scenario from a seed, and what to record of its run. */
export interface SeedOptions extends SimulateOptions {
  /**
   * The number of Redis servers.
   * @defaultValue 1
   */
  readonly servers?: number;
}

/** Runs the scenario of a seed, a whole number from 0 to 2^53 - 1. */
export function runSeed(
  seed: number,
  { servers = 1, ...options }: SeedOptions = {},
): Promise<Outcome> {
  return simulate(generateScenario(seed, servers), options);
}

/** Runs a scenario to its end, or to the first broken promise. */
export async function simulate(
  scenario: Scenario,
  { transcript = false }: SimulateOptions = {},
): Promise<Outcome> {
  const world = new World(scenario, transcript);
  const { invariants, network, journal } = world;
  const onRejection = (error: unknown) =>
    invariants.complain("I8", `a rejection that nobody handles: ${error}`);
  process.on("unhandledRejection", onRejection);
  try {
    planActions(world);
    await run(world, scenario.troubleEnds);
    await calmDown(world);
    await loseUnheard(world, run);
    await handOver(world, run);
    await close(world);
    await turn();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  const outcome: Outcome = {
    scenario,
    violation: invariants.violation,
    digest: journal.digest,
    counts: countsOf(world),
    transcript: journal.transcript,
    fates: network.drawn,
  };
  world.release();
  return outcome;
}

/** Runs the world until `end`, or until `isDone`. */
async function run(world: World, end: number, isDone: () => boolean = () => false): Promise<void> {
  const { invariants } = world;
  while (invariants.violation === undefined && !isDone() && stepped(world, end)) {
    const { entered } = world;
    if (entered === undefined) continue;
    await quiet();
    world.entered = undefined;
    entered.process.leave();
    for (const candidate of entered.candidates) invariants.check(candidate);
  }
}

/** Runs one entry of the schedule. No error of the elector may be uncaught or unhandled. */
function stepped({ schedule, invariants }: World, end: number): boolean {
  try {
    return schedule.step(end);
  } catch (error) {
    invariants.complain("I8", `thrown where nobody can catch it: ${error}`);
    return true;
  }
}

/** How much slower than the world's time a clock may run. */
const SLOWEST = 0.8;

/**
 * I9: after the last fault there is soon a leader. A candidate may sleep for a ttl before its next attempt,
 * may then wait for a lease or a quarantine to end, and may need a second attempt for both.
 */
async function calmDown(world: World): Promise<void> {
  const { schedule, invariants, network, scenario, households, journal } = world;
  if (invariants.violation !== undefined) return;
  journal.note("", 30, () => "all trouble ends");
  network.calm();
  world.phase = "calm";
  for (const { process, candidates } of households) {
    for (const candidate of candidates) {
      candidate.behave();
      schedule.add(schedule.now, () =>
        process.enter(() => world.phase === "calm" && candidate.start()),
      );
    }
  }
  const { ttl, renewalInterval } = scenario.timing;
  const working = Math.max(
    0,
    ...scenario.actions.map((each) => ("work" in each ? each.work.lasts : 0)),
  );
  const setBack = scenario.actions.some(({ does }) => does === "set-back") ? ttl : 0;
  const patience = (2 * (ttl + renewalInterval) + setBack + working) / SLOWEST + RETRANSMISSION;
  const began = schedule.now;
  await run(world, began + patience, () => invariants.ledAt > began);
  if (invariants.violation === undefined && invariants.ledAt <= began) {
    invariants.complain("I9", `nobody led within ${patience} ms after the trouble had ended`);
  }
}

/** I7: after all candidates have stopped, no timer, connection or lease remains. */
async function close(world: World): Promise<void> {
  const { schedule, invariants, scenario, households, servers } = world;
  if (invariants.violation !== undefined) return;
  world.phase = "end";
  for (const { process, candidates } of households) {
    for (const candidate of candidates) {
      schedule.add(schedule.now, () => process.enter(() => candidate.stop()));
    }
  }
  const { ttl, renewalInterval, drainTimeout } = scenario.timing;
  const patience = 4 * ttl + 3 * renewalInterval + drainTimeout;
  const left = () => invariants.candidates.filter(({ hasStopped }) => !hasStopped);
  await run(world, schedule.now + patience, () => left().length === 0);
  if (invariants.violation !== undefined) return;
  const [late] = left();
  if (late !== undefined) {
    invariants.complain("I7", `stop() of ${late.name} did not resolve within ${patience} ms`);
  }
  await run(world, schedule.now + scenario.weather.latest);
  if (servers.some(({ isListenedTo }) => isListenedTo)) {
    invariants.complain("I7", "all have stopped, and a subscription is left");
  }
}

function countsOf(world: World): Record<string, number> {
  const { scenario, network, invariants } = world;
  const counts: Record<string, number> = {
    steps: world.schedule.steps,
    elections: invariants.elections,
    renewals: invariants.renewals,
    grants: invariants.grants,
  };
  for (const { does } of scenario.actions) counts[does] = (counts[does] ?? 0) + 1;
  for (const [kind, number] of Object.entries(network.counts)) {
    counts[`message ${kind}`] = number;
  }
  return counts;
}
