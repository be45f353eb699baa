import type { Candidate } from "./candidate.ts";
import { PROMPT } from "./network.ts";
import type { World } from "./world.ts";

/** Lets things happen until `end`, or until `isDone`. */
type Run = (world: World, end: number, isDone?: () => boolean) => Promise<void>;

/**
 * From a release to the next election where no message is late, in ms: two ways there and back. Where
 * several servers elect, the votes may be split more than once.
 */
const promptly = ({ servers, timing }: World["scenario"]): number =>
  servers.length === 1 ? 20 : timing.ttl / 2;

/**
 * I12: a leader that hears no answers loses the office, while its last renewals have prolonged the lease.
 * When answers come again, that lease keeps nobody out.
 */
export async function loseUnheard(world: World, run: Run): Promise<void> {
  const { invariants, network, schedule, scenario, households } = world;
  const { ttl } = scenario.timing;
  const leader = await seated(world, run);
  if (leader === undefined) return;
  const place = households.findIndex(({ process }) => process === leader.process);
  network.mute(place);
  // What was sent before is still heard.
  await run(world, schedule.now + PROMPT.there + PROMPT.back);
  // Until no answer can come in time any more: what is sent at the loss is to be heard.
  await run(world, leader.process.clocks.whenMonotonic(leader.trustEnds) - PROMPT.back);
  network.mute(undefined);
  await run(world, schedule.now + ttl, () => leader.told === undefined);
  if (leader.told !== undefined) return;
  const before = invariants.elections;
  const lostAt = schedule.now;
  const isDone = () => invariants.elections > before;
  // It is in reach of the servers when they answer. Its store may have to connect anew first.
  const isRefused = () => refusals(leader, lostAt) > world.servers.length / 2;
  await run(world, lostAt + ttl, () => isDone() || isRefused());
  if (!isRefused()) return;
  // A release may be overtaken by the request for the next lease; or its time was over before there was a
  // connection, and it is repeated with the next attempt.
  const next = scenario.timing.renewalInterval;
  await run(world, schedule.now + promptly(scenario) + next, isDone);
  if (invariants.violation !== undefined || isDone()) return;
  invariants.complain("I12", `the lease of which ${leader.name} heard no more keeps everybody out`);
}

/** I9: a leader that leaves is succeeded by push, and not when its lease would have ended. */
export async function handOver(world: World, run: Run): Promise<void> {
  const { invariants, schedule, scenario } = world;
  const leader = await seated(world, run);
  if (leader === undefined) return;
  const others = invariants.candidates.filter((candidate) => candidate !== leader);
  if (!others.some((candidate) => isWaiting(world, candidate))) return;
  const before = invariants.elections;
  const isDone = () => invariants.elections > before;
  world.phase = "end";
  schedule.add(schedule.now, () => leader.process.enter(() => leader.stop()));
  await run(world, schedule.now + promptly(scenario), isDone);
  if (invariants.violation !== undefined || isDone()) return;
  invariants.complain("I9", `nobody was woken when ${leader.name} gave its lease back`);
}

/** Who leads when all is calm and nothing keeps the next election waiting, if anybody does. */
async function seated(world: World, run: Run): Promise<Candidate | undefined> {
  const { invariants, schedule, scenario } = world;
  // A quarantine may lie between them, or a lease that only the server knows of.
  if (invariants.violation !== undefined || invariants.hasForgotten) return undefined;
  const { ttl, renewalInterval } = scenario.timing;
  // What was sent in the trouble is given up, and who has resigned is a candidate again.
  await run(world, schedule.now + ttl + 2 * renewalInterval);
  if (invariants.violation !== undefined) return undefined;
  const leader = invariants.candidates.find((candidate) => candidate.believes());
  return leader?.isWorking === false && leader.process.isFree ? leader : undefined;
}

/** Whether it would take the office at once. */
function isWaiting(world: World, candidate: Candidate): boolean {
  const { schedule, scenario, servers } = world;
  const { process, isWorking, timers, lostAt, failedAt } = candidate;
  const place = world.households.findIndex((household) => household.process === process);
  const connectedSince = Math.max(scenario.troubleEnds, failedAt);
  const isDeaf = schedule.now - lostAt < 2 * scenario.timing.renewalInterval;
  // What a process sent while it was ahead of the world was sent in the trouble.
  const isBehind = schedule.now - process.freeSince < 2 * scenario.timing.renewalInterval;
  return (
    process.isFree &&
    timers > 0 &&
    !isWorking &&
    !isDeaf &&
    !isBehind &&
    // It is connected to those whose votes it needs, and sleeps until the lease ends.
    refusals(candidate, connectedSince) > servers.length / 2 &&
    servers.every((server) => server.isHeardBy(place))
  );
}

/** How many servers have told it since then that somebody has the lease. */
function refusals({ refusedAt }: Candidate, since: number): number {
  return [...refusedAt.values()].filter((at) => at > since).length;
}
