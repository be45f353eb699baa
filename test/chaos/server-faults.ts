import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drawDuration, type Fault } from "./fault.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";

function server(name: string, draw: (chance: Random) => (stage: Stage) => Promise<unknown>): Fault {
  return {
    name,
    area: "server",
    draw: (chance) => {
      const deed = draw(chance);
      return async (stage) => {
        stage.note(name);
        await deed(stage);
      };
    },
  };
}

/** Something is set, lasts, and is set back. */
function setting(
  name: string,
  set: readonly [string, ...string[]],
  back: readonly [string, ...string[]],
): Fault {
  return server(name, (chance) => {
    const duration = drawDuration(chance);
    return async ({ servers: { primary } }) => {
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
      ({ servers }) =>
        servers.primary.command(...args),
  );
}

export const serverFaults: readonly Fault[] = [
  server("server: SIGSTOP, SIGCONT", (chance) => {
    const duration = drawDuration(chance);
    return async ({ servers: { primary } }) => {
      primary.pause();
      await sleep(duration);
      primary.resume();
    };
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
  server(
    "restart, empty",
    () =>
      ({ servers }) =>
        servers.restartEmpty(),
  ),
  server(
    "restart with its file",
    () =>
      ({ servers }) =>
        servers.restart(),
  ),
  server("restart, the end of its file lost", (chance) => {
    // What a power cut costs with appendfsync everysec.
    const lost = chance.between(100, 1000);
    return async ({ servers }) => {
      const file = incrementalFile(servers.appendOnlyFolder);
      const { size } = statSync(file);
      await sleep(lost);
      await servers.restart(() => truncateSync(file, size));
    };
  }),
  server("promotion of the replica", () => promote),
  server("promotion of a replica that is behind", (chance) => {
    const behind = chance.between(20, 700);
    return async (stage) => {
      await stage.servers.replicaFollows();
      stage.servers.isolateReplica();
      await sleep(behind);
      await promote(stage);
    };
  }),
];

async function promote({ servers, seats }: Stage): Promise<void> {
  await servers.promote();
  for (const { proxy } of seats) {
    proxy.target = servers.primary.port;
    proxy.cut();
  }
  await servers.replenish();
}

/** The part of the append-only file that grows. */
function incrementalFile(folder: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith(".incr.aof"));
  if (name === undefined) throw new Error(`${folder} has no file that is appended to`);
  return join(folder, name);
}
