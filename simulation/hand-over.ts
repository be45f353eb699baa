import type { Candidate } from "./candidate.ts";
import type { Invariants } from "./invariants.ts";
import { PROMPT } from "./network.ts";
import type { World } from "./world.ts";

/** Runs the world until `end`, or until `isDone`. */
type Run = (world: World, end: number, isDone?: () => boolean) => Promise<void>;

/**
 * The longest time from a release to the next election if no message is late, in ms: two round trips. With
 * several servers the votes may be split more than once.
 */
const promptly = ({ servers, timing }: World["scenario"]): number =>
  servers.length <= 1 ? 20 : timing.ttl / 2;

/**
 * I12: a leader that receives no answers loses leadership, although its last renewals have extended the
 * lease. Once answers arrive again, that lease must not delay the next election.
 */
export async function loseUnheard(world: World, run: Run): Promise<void> {
  const { verdict, network, schedule, scenario, households } = world;
  const election = drawn(world);
  const { ttl } = scenario.timing;
  const leader = await seated(world, election, run);
  if (leader === undefined) return;
  const place = households.findIndex(({ process }) => process === leader.process);
  // Also before the leader hears of its loss: its timer may fire after its lease has ended.
  const before = election.elections;
  const isDone = () => election.elections > before;
  network.mute(place);
  // Answers to earlier requests still arrive.
  await run(world, schedule.now + PROMPT.there + PROMPT.back);
  // Until no answer can arrive in time; answers to requests sent at the loss must arrive.
  await run(world, leader.process.clocks.whenMonotonic(leader.trustEnds) - PROMPT.back);
  network.mute(undefined);
  await run(world, schedule.now + ttl, () => leader.reported === undefined);
  if (leader.reported !== undefined) return;
  const lostAt = schedule.now;
  // The servers are reachable again. Its store may have to reconnect first.
  const isRefused = () => refusals(leader, lostAt) > scenario.servers.length / 2;
  await run(world, lostAt + ttl, () => isDone() || isRefused());
  if (!isRefused()) return;
  // The next acquire may overtake the release. Or the time of the release ended before there was a
  // connection, and it is repeated with the next attempt.
  const next = scenario.timing.renewalInterval;
  await run(world, schedule.now + promptly(scenario) + next, isDone);
  if (verdict.violation !== undefined || isDone()) return;
  election.complain(
    "I12",
    `the lease that ${leader.name} no longer heard of keeps all candidates out`,
  );
}

/** I9: after a leader leaves, a hint causes the next election, rather than the end of the lease. */
export async function handOver(world: World, run: Run): Promise<void> {
  const { verdict, schedule, scenario } = world;
  const election = drawn(world);
  const leader = await seated(world, election, run);
  if (leader === undefined) return;
  const others = election.candidates.filter((candidate) => candidate !== leader);
  if (!others.some((candidate) => isWaiting(world, election, candidate))) return;
  const before = election.elections;
  const isDone = () => election.elections > before;
  world.phase = "end";
  schedule.add(schedule.now, () => leader.process.enter(() => leader.stop()));
  await run(world, schedule.now + promptly(scenario), isDone);
  if (verdict.violation !== undefined || isDone()) return;
  election.complain("I9", `no candidate was woken when ${leader.name} gave its lease back`);
}

/** One of the elections: in a run of several, each has its turn by seed. */
function drawn(world: World): Invariants {
  return world.election(world.scenario.seed % world.elections.length);
}

/** The leader, if there is one, at a calm moment when nothing would delay the next election. */
async function seated(
  world: World,
  election: Invariants,
  run: Run,
): Promise<Candidate | undefined> {
  const { verdict, schedule, scenario } = world;
  // A quarantine may delay the next election, or a lease that only the server knows.
  if (verdict.violation !== undefined || election.hasForgotten) return undefined;
  const { ttl, renewalInterval } = scenario.timing;
  // Requests from the time of trouble have timed out, and those who resigned are candidates again.
  await run(world, schedule.now + ttl + 2 * renewalInterval);
  if (verdict.violation !== undefined) return undefined;
  const leader = election.candidates.find((candidate) => candidate.believes());
  // Its stop waits for the callbacks of earlier terms as well (seed 50983046).
  return leader?.drain.isAwaited === false && leader.process.isFree ? leader : undefined;
}

/** Whether the candidate would be elected at once. */
function isWaiting(world: World, election: Invariants, candidate: Candidate): boolean {
  const { schedule, scenario } = world;
  const { process, isWorking, timers, lostAt, failedAt } = candidate;
  const place = world.households.findIndex((household) => household.process === process);
  const connectedSince = Math.max(scenario.troubleEnds, failedAt);
  const isDeaf = schedule.now - lostAt < 2 * scenario.timing.renewalInterval;
  // A process that ran ahead of the world may have sent requests during the trouble; and one that was blocked learns
  // only afterwards that its connection to a register broke, and doubts what it sees for one ttl (seed 1061537).
  const doubts = world.register === undefined ? 0 : 1.1 * scenario.timing.ttl;
  const settles = 2 * scenario.timing.renewalInterval + doubts;
  const isBehind = schedule.now - process.freeSince < settles;
  return (
    process.isFree &&
    timers > 0 &&
    !isWorking &&
    !isDeaf &&
    !isBehind &&
    // It is connected to a majority, and sleeps until the lease ends.
    (world.register !== undefined ||
      refusals(candidate, connectedSince) > scenario.servers.length / 2) &&
    world.isHeardBy(place, election.key)
  );
}

/** How many servers have answered since then that the lease is held. */
function refusals({ refusedAt }: Candidate, since: number): number {
  return [...refusedAt.values()].filter((at) => at > since).length;
}
