import { now } from "../faults/candidate-process.ts";
import type { Options } from "./options.ts";
import { planOf, type Round } from "./plan.ts";
import { randomOf } from "./random.ts";
import type { Report } from "./report.ts";
import { TTL } from "./seat.ts";
import type { Stage } from "./stage.ts";

/**
 * By when there must be a leader after a fault: a connection that is found to be dead (3 s at the most),
 * the next attempt to connect (1 s), the quarantine (a ttl), and a lease that was granted unheard (a ttl).
 * And 4 s for a machine that is busy with other things.
 */
const LEADER_WITHIN = 4000 + 2 * TTL + 4000;

/** How many rounds there are between two roll calls. */
const ROLL_CALL_EVERY = 25;

/** What all stages of a run have in common. */
export interface Course {
  readonly options: Options;
  readonly report: Report;
  /** Something is wrong on one of them, and all come to an end. */
  readonly broken: AbortController;
  /** After each round. */
  readonly progress: () => void;
}

/** Faults by the seed, until there were enough or something is wrong. Returns what is wrong on this stage. */
export async function runChaos(
  { options, report, broken, progress }: Course,
  stage: Stage,
  seed: number,
): Promise<readonly string[]> {
  const chance = randomOf(seed);
  const ends = now() + options.minutes * 60_000;
  await stage.leaderAfter(0, 2 * LEADER_WITHIN);
  let rounds = 0;
  for (const round of planOf(chance, options.only)) {
    const violations = await play(stage, round, report);
    rounds += 1;
    if (violations.length === 0 && rounds % ROLL_CALL_EVERY === 0) {
      violations.push(...(await callRoll(stage)));
    }
    progress();
    if (violations.length > 0) broken.abort();
    const isOver = report.faults >= options.faults || now() > ends;
    if (isOver || broken.signal.aborted) return violations;
  }
  return [];
}

/** One round: the faults, a leader again, and the verdict. */
async function play(stage: Stage, round: readonly Round[], report: Report): Promise<string[]> {
  const names = round.map(({ name }) => name);
  stage.note(`round: ${names.join(" + ")}`);
  let healed = now();
  try {
    // A deed that fails is reported with the events before it, too.
    await Promise.all(round.map(({ deed }) => deed(stage)));
    stage.heal();
    healed = now();
    const led = await stage.leaderAfter(healed, LEADER_WITHIN);
    const violations = await stage.review(LEADER_WITHIN);
    report.add(names, led - healed, violations.length);
    return violations;
  } catch (error) {
    report.add(names, now() - healed, 1);
    return [String(error), ...(await stage.review(LEADER_WITHIN))];
  }
}

/** Every candidate must be able to lead: one that has led resigns and is stopped until all have. */
async function callRoll(stage: Stage): Promise<string[]> {
  stage.note("roll call");
  const missing = new Set(stage.seats);
  try {
    while (missing.size > 1) {
      const { leader } = stage;
      if (leader === undefined) throw new Error("there is no leader");
      missing.delete(leader);
      const elected = stage.heard(
        `${[...missing].map(({ candidate }) => candidate.name)} elected`,
        (name, { type }) => type === "elected" && name !== leader.candidate.name,
        LEADER_WITHIN,
      );
      const left = stage.heard(
        `${leader.candidate.name} resigned`,
        (name, { type }) => type === "resigned" && name === leader.candidate.name,
        LEADER_WITHIN,
      );
      leader.tell("resign");
      await left;
      leader.candidate.signal("SIGSTOP");
      await elected;
    }
    return [];
  } catch (error) {
    return [String(error)];
  } finally {
    stage.heal();
  }
}
