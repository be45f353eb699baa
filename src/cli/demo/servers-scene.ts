import { setTimeout as sleep } from "node:timers/promises";
import type { CandidateProcess } from "./candidate-process.ts";
import type { RedisServers } from "./redis-servers.ts";
import { leaderOf, type Stage } from "./scenes.ts";

/** How long the servers are down, in ttls: long enough for a lease to end unless it is renewed. */
const OUTAGE = 1.5;

/** Kills a minority of the servers and restarts them without data. The leader must keep its lease. */
export async function serversScene(
  stage: Stage,
  servers: RedisServers,
  leader: CandidateProcess,
): Promise<void> {
  const { narrator, observer, ttl } = stage;
  // By its second renewal, the leader has its lease on all servers.
  await sleep(ttl * OUTAGE);
  const before = await leaderOf(observer);
  const victims = Array.from({ length: Math.ceil(servers.count / 2) - 1 }, (_, index) => index);
  const which = `${victims.length} of ${servers.count} servers`;
  narrator.announce("servers", `SIGKILL to ${which}, while ${leader.nodeId} leads`);
  for (const index of victims) servers.kill(index);
  await sleep(ttl * OUTAGE);
  const without = await leaderOf(observer);
  narrator.leader("servers", without, undefined);
  narrator.announce("servers", `${which} restart without data`);
  for (const index of victims) await servers.restart(index);
  await sleep(ttl * OUTAGE);
  const after = await leaderOf(observer);
  narrator.finding({
    claim:
      "the leader keeps its lease while a minority of the servers is killed and restarts without data",
    holds: [without, after].every(({ token }) => token === before.token),
    seen: `token ${before.token}, ${without.token}, ${after.token}`,
  });
}
