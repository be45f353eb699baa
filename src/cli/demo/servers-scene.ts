import { setTimeout as sleep } from "node:timers/promises";
import type { CandidateProcess } from "./candidate-process.ts";
import type { RedisServers } from "./redis-servers.ts";
import { leaderOf, type Stage } from "./scenes.ts";

/** How many ttl the servers are down: long enough for a lease that is not renewed to end. */
const OUTAGE = 1.5;

/** A minority of the servers is killed and started again, empty; the leader stays. */
export async function serversScene(
  stage: Stage,
  servers: RedisServers,
  leader: CandidateProcess,
): Promise<void> {
  const { narrator, observer, ttl } = stage;
  // From the second renewal on, all servers have the leader's lease.
  await sleep(ttl * OUTAGE);
  const before = await leaderOf(observer);
  const victims = Array.from({ length: Math.ceil(servers.count / 2) - 1 }, (_, index) => index);
  const which = `${victims.length} of ${servers.count} servers`;
  narrator.announce("servers", `SIGKILL to ${which}, while ${leader.nodeId} leads`);
  for (const index of victims) servers.kill(index);
  await sleep(ttl * OUTAGE);
  const without = await leaderOf(observer);
  narrator.leader("servers", without, undefined);
  narrator.announce("servers", `${which} start again, and remember nothing`);
  for (const index of victims) await servers.restart(index);
  await sleep(ttl * OUTAGE);
  const after = await leaderOf(observer);
  narrator.finding({
    claim: "the leader stays while a minority of the servers is killed and comes back empty",
    holds: [without, after].every(({ token }) => token === before.token),
    seen: `token ${before.token}, ${without.token}, ${after.token}`,
  });
}
