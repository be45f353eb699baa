import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type OwnProcess, ownFolder, startProcess } from "./own-process.ts";
import { type RedisServer, redisCommand, startRedis } from "./redis-server.ts";

/** A primary, its replicas, and the Sentinels that watch over them. */
export interface SentinelGroup {
  /** By which the Sentinels know the primary. */
  readonly name: string;
  readonly url: string;
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly (OwnProcess & { readonly port: number })[];
  /** The server that most Sentinels name. */
  primary(): Promise<RedisServer>;
  /** Waits until so many Sentinels, by default most, name another server than this one. */
  replaced(former: RedisServer, count?: number): Promise<RedisServer>;
  /** Waits until all other servers follow the one that most Sentinels name. */
  followed(): Promise<void>;
  stop(): Promise<void>;
}

export interface GroupSettings {
  readonly sentinels?: number;
  readonly replicas?: number;
  /** After so long without an answer a Sentinel takes a server for down, in ms. */
  readonly downAfter?: number;
  /** Further lines of the configuration of every Sentinel, and arguments of every server. */
  readonly sentinelLines?: readonly string[];
  readonly serverArgs?: readonly string[];
  /** Arguments of redis-cli. */
  readonly serverLogin?: readonly string[];
  readonly sentinelLogin?: readonly string[];
}

const NAME = "primary";

/** How often is looked whether they have come so far, in ms. */
const LOOK = 50;

export async function startSentinelGroup(settings: GroupSettings = {}): Promise<SentinelGroup> {
  const { sentinels: count = 3, replicas = 2, downAfter = 700, serverArgs = [] } = settings;
  const quick = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
  const first = await startRedis([...quick, ...serverArgs]);
  const follow = ["--replicaof", "127.0.0.1", String(first.port)];
  const others = await Promise.all(
    Array.from({ length: replicas }, () => startRedis([...quick, ...follow, ...serverArgs])),
  );
  const servers = [first, ...others];
  const folder = ownFolder("sentinel");
  const majority = Math.floor(count / 2) + 1;
  const lines = [
    `sentinel monitor ${NAME} 127.0.0.1 ${first.port} ${majority}`,
    `sentinel down-after-milliseconds ${NAME} ${downAfter}`,
    `sentinel failover-timeout ${NAME} 2000`,
    ...(settings.sentinelLines ?? []),
  ];
  const sentinels = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const port = await freePort();
      const path = join(folder.path, `${index}.conf`);
      writeFileSync(path, [`port ${port}`, "bind 127.0.0.1", ...lines, ""].join("\n"));
      const ready = /\+monitor master/;
      const process = await startProcess("redis-server", [path, "--sentinel"], { ready });
      return { ...process, port };
    }),
  );
  const ask = (port: number, ...words: [string, ...string[]]) =>
    redisCommand(port, [...(settings.sentinelLogin ?? []), ...words]);
  const named = async (needed = majority) => {
    const answers = await Promise.all(
      sentinels.map(({ port }) =>
        ask(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).then(
          (text) => Number(text.split("\n")[1]),
          () => undefined,
        ),
      ),
    );
    return servers.filter(({ port }) => answers.filter((each) => each === port).length >= needed);
  };
  const until = async <Found>(what: string, look: () => Promise<Found | undefined>) => {
    for (const patience = performance.now() + 60_000; performance.now() < patience; ) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(LOOK);
    }
    throw new Error(`not within a minute: ${what}`);
  };
  const followed: SentinelGroup["followed"] = async () => {
    await until("replicas that all follow the primary", async () => {
      const [primary] = await named();
      if (primary === undefined) return undefined;
      const login = settings.serverLogin ?? [];
      const text = await redisCommand(primary.port, [...login, "INFO", "replication"]).catch(
        String,
      );
      return (text.match(/state=online/g) ?? []).length >= replicas || undefined;
    });
  };
  await followed();
  await Promise.all(
    sentinels.map(({ port }) =>
      until("Sentinels that know each other", async () => {
        const words = (await ask(port, "SENTINEL", "MASTER", NAME)).split("\n");
        const known = (field: string) => Number(words[words.indexOf(field) + 1]);
        const isComplete = known("num-other-sentinels") >= count - 1;
        return (isComplete && known("num-slaves") >= replicas) || undefined;
      }),
    ),
  );
  return {
    name: NAME,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join()}/${NAME}`,
    servers,
    sentinels,
    primary: () => until("a primary", async () => (await named()).at(0)),
    replaced: (former, needed) =>
      until(`a primary in place of ${former.port}`, async () => {
        return (await named(needed)).find((server) => server !== former);
      }),
    followed,
    stop: async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.kill()));
      await Promise.all(servers.map((server) => server.stop()));
      folder.remove();
    },
  };
}
