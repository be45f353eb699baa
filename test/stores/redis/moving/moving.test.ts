import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { type Held, libraries, type Process, startIncumbent } from "./candidates.ts";

let redis: RedisServer;
let client: Redis;
beforeAll(async () => {
  redis = await startRedis();
  client = new Redis({ port: redis.port, host: "127.0.0.1" });
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

const patience = { timeout: 30_000, interval: 10 };

/** Waits until a process has held its lock or lease so many times more. */
async function leadsAgain(process: Process, times = 2): Promise<void> {
  const before = process.held.length;
  await vi.waitUntil(() => process.held.length >= before + times, patience);
}

function overlaps(all: readonly Held[]): string[] {
  const sorted = [...all].sort((a, b) => a.from - b.from);
  return sorted.flatMap((held, index) => {
    const next = sorted[index + 1];
    if (next === undefined || next.from >= held.until) return [];
    return [`${held.who} until ${held.until}, ${next.who} from ${next.from}`];
  });
}

describe.concurrent.each(Object.entries(libraries))(
  "a deployment that moves from %s",
  (name, library) => {
    test("goes forward, back and forward again, and two processes never lead", async () => {
      const lock = library.lockOf(name);
      const all: Process[] = [];
      const begin = (process: Process) => {
        all.push(process);
        return process;
      };
      const old = () => begin(library.start(redis.port, name));
      const incumbent = () => begin(startIncumbent(redis.port, `${name}:leader`, lock));
      try {
        const before = [old(), old()] as const;
        await leadsAgain(before[0]);
        const after = [incumbent()] as const;
        await before[1].stop();
        // Both take their turns while both run.
        await Promise.all([leadsAgain(after[0]), leadsAgain(before[0])]);
        await before[0].stop();
        await leadsAgain(after[0]);
        // The way back, and forward once more.
        const again = old();
        await Promise.all([leadsAgain(after[0]), leadsAgain(again)]);
        await after[0].stop();
        await leadsAgain(again);
        const last = incumbent();
        await leadsAgain(last);
      } finally {
        await Promise.all(all.map((process) => process.stop()));
      }
      expect(overlaps(all.flatMap(({ held }) => [...held]))).toEqual([]);
      // Nothing is left that would keep the other library from its lock.
      expect(await client.exists(lock)).toBe(0);
    }, 60_000);
  },
);
