import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { Redlock as SesamecareRedlock } from "@sesamecare-oss/redlock";
import { Redis } from "ioredis";
import { Mutex } from "redis-semaphore";
import { RedisElector } from "../../../../src/redis.ts";

/** As far as it is used here: version 4 has no types. */
type Redlock = new (
  clients: Redis[],
  options: { retryCount: number },
) => { lock(key: string, ttl: number): Promise<{ unlock(): Promise<unknown> }> };
const RedlockOf4: Redlock = createRequire(import.meta.url)("redlock");

const TTL = 400;
const HOLDS = 60;

/** From when to when a process held its lock or lease, by the clock of this process. */
export interface Held {
  readonly who: string;
  readonly from: number;
  readonly until: number;
}

/** One process of a deployment, which leads again and again until it is stopped. */
export interface Process {
  readonly held: readonly Held[];
  stop(): Promise<void>;
}

/** A process with another library, which takes a lock over and over. */
export interface Library {
  /** Where it keeps the lock of this name. */
  lockOf(name: string): string;
  start(port: number, name: string): Process;
}

/** A lock that is tried for again and again. Holds it for a moment each time. */
function loop(who: string, client: Redis, take: () => Promise<() => Promise<unknown>>): Process {
  const held: Held[] = [];
  let isStopped = false;
  const done = (async () => {
    while (!isStopped) {
      const asked = performance.now();
      const release = await take().catch(() => undefined);
      if (release === undefined) {
        await sleep(15);
        continue;
      }
      const from = performance.now();
      await sleep(HOLDS);
      // A lock counts until it has expired, which it may have when the machine is busy. Then no release is left to do.
      held.push({ who, from, until: Math.min(performance.now(), asked + TTL) });
      await release().catch(() => {});
      await sleep(15);
    }
  })();
  const stop = async () => {
    isStopped = true;
    await done;
    client.disconnect();
  };
  return { held, stop };
}

const connect = (port: number) => new Redis({ port, host: "127.0.0.1" });

export const libraries: Record<string, Library> = {
  "redlock 4": {
    lockOf: (name) => name,
    start(port, name) {
      const client = connect(port);
      const redlock = new RedlockOf4([client], { retryCount: 0 });
      return loop("redlock 4", client, async () => {
        const lock = await redlock.lock(name, TTL);
        return () => lock.unlock();
      });
    },
  },
  "@sesamecare-oss/redlock": {
    lockOf: (name) => name,
    start(port, name) {
      const client = connect(port);
      const redlock = new SesamecareRedlock([client], { retryCount: 0 });
      redlock.on("error", () => {});
      return loop("@sesamecare-oss/redlock", client, async () => {
        const lock = await redlock.acquire([name], TTL);
        return () => lock.release();
      });
    },
  },
  "redis-semaphore": {
    lockOf: (name) => `mutex:${name}`,
    start(port, name) {
      const client = connect(port);
      return loop("redis-semaphore", client, async () => {
        const mutex = new Mutex(client, name, { lockTimeout: TTL, acquireAttemptsLimit: 1 });
        await mutex.acquire();
        return () => mutex.release();
      });
    },
  },
  // As redsync for Go writes it, and most locks that were written by hand.
  "SET NX PX": {
    lockOf: (name) => name,
    start(port, name) {
      const client = connect(port);
      const release =
        'if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0';
      return loop("SET NX PX", client, async () => {
        const value = randomUUID();
        if ((await client.set(name, value, "PX", TTL, "NX")) === null) throw new Error("held");
        return () => client.eval(release, 1, name, value);
      });
    },
  },
};

/** A process with Incumbent, which gives the lease back soon after it was elected. */
export function startIncumbent(port: number, key: string, lock: string): Process {
  const elector = new RedisElector(`redis://127.0.0.1:${port}`, key, {
    ...{ ttl: TTL, alsoLock: lock, restartGuard: false, nodeId: "incumbent" },
  });
  const held: Held[] = [];
  elector.onLeadershipChange((isLeader) => {
    if (!isLeader) return;
    const from = performance.now();
    setTimeout(() => {
      if (elector.isLeader()) held.push({ who: "incumbent", from, until: performance.now() });
      void elector.resign();
    }, HOLDS);
  });
  const started = elector.start();
  const stop = async () => {
    await started;
    await elector.stop();
  };
  return { held, stop };
}
