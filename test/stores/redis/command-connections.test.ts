import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisConnection } from "../../../src/stores/redis/connection/redis-connection.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { patterns } from "./clients.ts";

let redis: RedisServer;
let proxy: TcpProxy;
let connection: RedisConnection;
/** Moved by hand, so that nothing here depends on how fast the machine is. */
let time = 0;
const clock = { now: () => time };
/** Of a request that may be answered until then, and waits for 20 s of real time at most. */
const until = (notAfter: number) => ({ clock, notAfter, signal: AbortSignal.timeout(20_000) });

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  time = 0;
  proxy = await startProxy(redis.port);
  await redis.command("DEL", "count");
});
afterEach(async () => {
  await connection.close();
  await proxy.close();
});

const url = () => `redis://127.0.0.1:${proxy.port}`;

describe.each(Object.entries(patterns))("the connections of %s for commands", (_, make) => {
  const count = (notAfter: number) => connection.send(["INCR", "count"], until(notAfter));

  beforeEach(async () => {
    connection = new RedisConnection(make(url()));
    await connection.send(["PING"], until(1800));
  });

  test("no request in flight is given up, or sent twice, however late the server answers", async () => {
    proxy.mode = "hold";
    const early = [count(12_000), count(12_000)];
    await expect.poll(() => proxy.held).toBeGreaterThan(0);
    // Three times as long as an answer takes without being missed; each meets all of them overdue.
    const late: Promise<unknown>[] = [];
    for (const moment of [3000, 6000, 9000]) {
      time = moment;
      late.push(count(12_000));
      await expect.poll(() => proxy.connections).toBeGreaterThan(1);
    }
    proxy.mode = "pass";
    proxy.letGo();
    const answers = await Promise.all([...early, ...late]);
    expect(answers.map(Number).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(await redis.command("GET", "count")).toBe("5");
  });

  test("an answer on the first connection ends the attempt at another", async () => {
    proxy.mode = "hold";
    const early = count(12_000);
    await expect.poll(() => proxy.held).toBeGreaterThan(0);
    time = 3000;
    const late = count(12_000);
    await expect.poll(() => proxy.connections).toBe(2);
    proxy.letGo();
    proxy.mode = "pass";
    await Promise.all([early, late]);
    await expect.poll(() => proxy.connections).toBe(1);
    expect(await count(12_000)).toBe(3);
  });

  test("at a ttl of 2 s, the repeated renewal goes around packets that are dropped", async () => {
    time = 600;
    proxy.mode = "swallow";
    const ended = new AbortController();
    const renewal = { clock, notAfter: 1800, signal: ended.signal };
    const swallowed = connection.send(["INCR", "count"], renewal);
    swallowed.catch(() => {});
    await expect.poll(() => proxy.swallowed).toBeGreaterThan(0);
    proxy.mode = "pass";
    time = 900;
    expect(await count(1800)).toBe(1);
    // The first one waits for its answer until it is over, and its connection goes with it.
    expect(proxy.connections).toBe(2);
    ended.abort();
    await expect(swallowed).rejects.toMatchObject({ applied: "maybe" });
    await expect.poll(() => proxy.connections).toBe(1);
    expect(await redis.command("GET", "count")).toBe("1");
  });

  test("after an outage the next request connects, however many connections it has swallowed", async () => {
    time = 600;
    proxy.mode = "swallow";
    const ended = new AbortController();
    const swallowed = connection.send(["INCR", "count"], {
      ...until(1800),
      signal: ended.signal,
    });
    swallowed.catch(() => {});
    await expect.poll(() => proxy.swallowed).toBe(1);
    const late: Promise<unknown>[] = [];
    for (const [attempt, moment] of [900, 1100, 1220, 1340, 1460, 1580].entries()) {
      time = moment;
      late.push(count(1800));
      // A connection of which a request has gone, and at most four that are attempted.
      await expect.poll(() => proxy.swallowed).toBe(attempt + 2);
      await expect.poll(() => proxy.connections).toBe(Math.min(attempt + 2, 5));
    }
    proxy.mode = "pass";
    time = 1700;
    late.push(count(1800));
    await Promise.all(late);
    expect(await redis.command("GET", "count")).toBe("7");
    ended.abort();
    await expect(swallowed).rejects.toMatchObject({ applied: "maybe" });
  });

  test("a server that takes no second connection is asked over the first", async () => {
    proxy.mode = "hold";
    const early = count(12_000);
    await expect.poll(() => proxy.held).toBeGreaterThan(0);
    proxy.target = 1;
    // What follows on the first connection is held back behind what is.
    proxy.mode = "pass";
    time = 3000;
    const late = count(12_000);
    await expect.poll(() => proxy.held).toBe(2);
    proxy.letGo();
    expect(await Promise.all([early, late])).toEqual([1, 2]);
  });

  test("a command in flight is rejected as soon as its connection is lost", async () => {
    proxy.mode = "swallow-replies";
    const inFlight = count(12_000);
    inFlight.catch(() => {});
    await expect.poll(() => redis.command("GET", "count")).toBe("1");
    proxy.cut();
    const lost = { code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" };
    await expect(inFlight).rejects.toMatchObject(lost);
  });

  test("the first request after an outage connects, however long that was", async () => {
    await redis.kill();
    try {
      for (let round = 0; round < 12; round += 1) {
        await expect(count(1800)).rejects.toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE" });
      }
    } finally {
      await redis.start();
    }
    expect(await count(1800)).toBe(1);
  });

  test("nothing is kept for a request that was answered", async () => {
    const { signal, listeners } = countedSignal();
    await connection.send(["PING"], { clock, signal });
    expect(listeners()).toBe(0);
    await redis.kill();
    try {
      await expect(connection.send(["PING"], { clock, signal })).rejects.toBeInstanceOf(Error);
      await expect(connection.send(["PING"], { clock, signal })).rejects.toBeInstanceOf(Error);
      expect(listeners()).toBe(0);
    } finally {
      await redis.start();
    }
  });
});

/** A signal that counts who listens. */
function countedSignal() {
  const { signal } = new AbortController();
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count += 1;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count -= 1;
    removeEventListener.apply(signal, args);
  };
  return { signal, listeners: () => count };
}
