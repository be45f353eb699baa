import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { drawDuration, type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { drawPause } from "../single-server.ts";
import type { Stage } from "../stage.ts";
import { RedisServers, startRedisServers } from "./redis-servers.ts";

const server = faultsOf(RedisServers);

/** Something is set, lasts, and is set back. */
function setting(
  name: string,
  set: readonly [string, ...string[]],
  back: readonly [string, ...string[]],
): Fault {
  return server(name, (chance) => {
    const duration = drawDuration(chance);
    return async ({ primary }) => {
      await primary.command(...set);
      await sleep(duration);
      await primary.command(...back);
    };
  });
}

function command(name: string, args: readonly [string, ...string[]]): Fault {
  return server(
    name,
    () =>
      ({ primary }) =>
        primary.command(...args),
  );
}

const serverFaults: readonly Fault[] = [
  server("server: SIGSTOP, SIGCONT", (chance) => {
    const pause = drawPause(chance);
    return ({ primary }) => pause(primary);
  }),
  command("FLUSHALL", ["FLUSHALL"]),
  command("SCRIPT FLUSH", ["SCRIPT", "FLUSH"]),
  command("CLIENT KILL, all", ["CLIENT", "KILL", "TYPE", "normal"]),
  command("CLIENT KILL, subscribers", ["CLIENT", "KILL", "TYPE", "pubsub"]),
  setting(
    "maxmemory reached",
    ["CONFIG", "SET", "maxmemory", "1mb"],
    ["CONFIG", "SET", "maxmemory", "0"],
  ),
  setting(
    "PUBLISH denied",
    ["ACL", "SETUSER", "default", "-publish"],
    ["ACL", "SETUSER", "default", "+publish"],
  ),
  setting(
    "EVAL and EVALSHA denied",
    ["ACL", "SETUSER", "default", "-eval", "-evalsha"],
    ["ACL", "SETUSER", "default", "+eval", "+evalsha"],
  ),
  server("restart, empty", () => (servers) => servers.restartEmpty()),
  server("restart with its file", () => (servers) => servers.restart()),
  server("restart, the end of its file lost", (chance) => {
    // What a power cut costs with appendfsync everysec.
    const lost = chance.between(100, 1000);
    return async (servers) => {
      const file = incrementalFile(servers.appendOnlyFolder);
      const { size } = statSync(file);
      await sleep(lost);
      await servers.restart(() => truncateSync(file, size));
    };
  }),
  server("promotion of the replica", () => promote),
  server("promotion of a replica that is behind", (chance) => {
    const behind = chance.between(20, 700);
    return async (servers, stage) => {
      await servers.replicaFollows();
      servers.isolateReplica();
      await sleep(behind);
      await promote(servers, stage);
    };
  }),
];

async function promote(servers: RedisServers, stage: Stage): Promise<void> {
  await servers.promote();
  stage.moveTo(servers.port);
  await servers.replenish();
}

/** A URL and every client library, as users have them. */
export const redis: ChaosStore = {
  clients: ["url", "ioredis", "redis", "ioredis-5", "redis-5"],
  faults: [...candidateFaults, ...networkFaults, ...serverFaults],
  hasGuard: true,
  start: startRedisServers,
};

/** The part of the append-only file that grows. */
function incrementalFile(folder: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith(".incr.aof"));
  if (name === undefined) throw new Error(`${folder} has no file that is appended to`);
  return join(folder, name);
}
