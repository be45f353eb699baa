import { planActions } from "./actions.ts";
import { handOver, loseUnheard } from "./hand-over.ts";
import { quiet, turn } from "./quiet.ts";
import type { Fate, Scenario, Store } from "./scenario.ts";
import { scenarioOf } from "./scenario-of.ts";
import { RETRANSMISSION } from "./simulated-connection.ts";
import type { Violation } from "./verdict.ts";
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
   * The number of Redis servers; 0 for a register without a clock.
   * @defaultValue 1
   */
  readonly servers?: number;
  /** What the only server is, if not Redis. */
  readonly store?: Store | undefined;
}

/** Runs the scenario of a seed, a whole number from 0 to 2^53 - 1. */
export function runSeed(
  seed: number,
  { servers = 1, store, ...options }: SeedOptions = {},
): Promise<Outcome> {
  return simulate(scenarioOf(seed, servers, store), options);
}

/** Runs a scenario to its end, or to the first broken promise. */
export async function simulate(
  scenario: Scenario,
  { transcript = false }: SimulateOptions = {},
): Promise<Outcome> {
  const world = new World(scenario, transcript);
  const { verdict, network, journal } = world;
  const onRejection = (error: unknown) =>
    verdict.complain("I8", `a rejection that is not handled: ${error}`);
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
    violation: verdict.violation,
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
  const { verdict } = world;
  while (verdict.violation === undefined && !isDone() && stepped(world, end)) {
    const { entered } = world;
    if (entered === undefined) continue;
    await quiet();
    world.entered = undefined;
    entered.process.leave();
    world.check(entered.candidates);
  }
}

/** Runs one entry of the schedule. No error of the elector may be uncaught or unhandled. */
function stepped({ schedule, verdict }: World, end: number): boolean {
  try {
    return schedule.step(end);
  } catch (error) {
    verdict.complain("I8", `thrown where it cannot be caught: ${error}`);
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
  const { schedule, verdict, network, scenario, households, journal, elections } = world;
  if (verdict.violation !== undefined) return;
  journal.note("", 30, () => "all trouble ends");
  network.calm();
  world.replicas?.calm();
  world.phase = "calm";
  for (const { process, candidates } of households) {
    for (const candidate of candidates) candidate.behave();
    schedule.add(schedule.now, () =>
      process.enter(() => {
        if (world.phase !== "calm") return;
        for (const candidate of candidates) candidate.start();
      }),
    );
  }
  const { ttl, renewalInterval } = scenario.timing;
  const working = Math.max(
    0,
    ...scenario.actions.map((each) => ("work" in each ? each.work.lasts : 0)),
  );
  const setBack = scenario.actions.some(({ does }) => does === "set-back") ? ttl : 0;
  // Who sees a register for the first time, or after a gap, counts a whole ttl from then.
  const rounds = scenario.register === undefined ? 2 : 4;
  const patience =
    (rounds * (ttl + renewalInterval) + setBack + working) / SLOWEST + RETRANSMISSION;
  const began = schedule.now;
  // A scenario that was cut down may have no candidate left in one of them.
  const contested = elections.filter(({ candidates }) => candidates.length > 0);
  const waiting = () => contested.find(({ ledAt }) => ledAt <= began);
  await run(world, began + patience, () => waiting() === undefined);
  if (verdict.violation !== undefined) return;
  waiting()?.complain(
    "I9",
    `there was no leader within ${patience} ms after the trouble had ended`,
  );
}

/** I7: after all candidates have stopped, no timer, connection or lease remains. */
async function close(world: World): Promise<void> {
  const { schedule, verdict, scenario, households, servers, elections } = world;
  if (verdict.violation !== undefined) return;
  world.phase = "end";
  for (const { process, candidates } of households) {
    schedule.add(schedule.now, () =>
      process.enter(() => {
        for (const candidate of candidates) candidate.stop();
      }),
    );
  }
  const { ttl, renewalInterval, drainTimeout } = scenario.timing;
  const patience = 4 * ttl + 3 * renewalInterval + drainTimeout;
  const all = elections.flatMap(({ candidates }) => candidates);
  const late = () => all.find(({ hasStopped }) => !hasStopped);
  await run(world, schedule.now + patience, () => late() === undefined);
  if (verdict.violation !== undefined) return;
  const name = late()?.name;
  if (name !== undefined) {
    verdict.complain("I7", `stop() of ${name} did not resolve within ${patience} ms`);
  }
  await run(world, schedule.now + scenario.weather.latest);
  const register = world.register === undefined ? [] : [world.register];
  if ([...servers, ...register].some(({ isListenedTo }) => isListenedTo)) {
    verdict.complain("I7", "all have stopped, and a subscription is left");
  }
}

function countsOf(world: World): Record<string, number> {
  const { scenario, network, elections, servers } = world;
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
  const counts: Record<string, number> = {
    steps: world.schedule.steps,
    elections: sum(elections.map((each) => each.elections)),
    renewals: sum(elections.map(({ renewals }) => renewals)),
    ...(world.register && { writes: world.register.writes }),
    grants: sum(elections.map(({ grants }) => grants)),
    calls: sum(servers.map(({ calls }) => calls)),
    "calls of several requests": sum(servers.map(({ sharedCalls }) => sharedCalls)),
  };
  for (const { does } of scenario.actions) counts[does] = (counts[does] ?? 0) + 1;
  for (const [kind, number] of Object.entries(network.counts)) {
    counts[`message ${kind}`] = number;
  }
  return counts;
}
