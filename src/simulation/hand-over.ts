import type { Candidate } from "./candidate.ts";
import type { World } from "./world.ts";

/** Lets things happen until `end`, or until `isDone`. */
type Run = (world: World, end: number, isDone?: () => boolean) => Promise<void>;

/**
 * From a release to the next election where no message is late, in ms: two ways there and back. Where
 * several servers elect, the votes may be split more than once.
 */
const promptly = ({ servers, timing }: World["scenario"]): number =>
  servers.length === 1 ? 20 : timing.ttl / 2;

/** I9: a leader that leaves is succeeded by push, and not when its lease would have ended. */
export async function handOver(world: World, run: Run): Promise<void> {
  const { invariants, schedule, scenario } = world;
  // A quarantine may lie between them, or a lease that only the server knows of.
  if (invariants.violation !== undefined || invariants.hasForgotten) return;
  const { ttl, renewalInterval } = scenario.timing;
  // What was sent in the trouble is given up, and who has resigned is a candidate again.
  await run(world, schedule.now + ttl + 2 * renewalInterval);
  const leader = invariants.candidates.find((candidate) => candidate.believes());
  const others = invariants.candidates.filter((candidate) => candidate !== leader);
  if (leader === undefined || leader.isWorking || !leader.process.isFree) return;
  if (!others.some((candidate) => isWaiting(world, candidate))) return;
  const before = invariants.elections;
  const isDone = () => invariants.elections > before;
  world.phase = "end";
  schedule.add(schedule.now, () => leader.process.enter(() => leader.stop()));
  await run(world, schedule.now + promptly(scenario), isDone);
  if (invariants.violation !== undefined || isDone()) return;
  invariants.complain("I9", `nobody was woken when ${leader.name} gave its lease back`);
}

/** Whether it would take the office at once. */
function isWaiting(world: World, candidate: Candidate): boolean {
  const { schedule, scenario, servers } = world;
  const { process, isWorking, timers, lostAt, refusedAt, failedAt } = candidate;
  const place = world.households.findIndex((household) => household.process === process);
  const connectedSince = Math.max(scenario.troubleEnds, failedAt);
  const told = [...refusedAt.values()].filter((at) => at > connectedSince);
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
    told.length > servers.length / 2 &&
    servers.every((server) => server.isHeardBy(place))
  );
}
