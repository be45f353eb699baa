import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { type Candidate, LONG_TTL, now, Troupe } from "./troupe.ts";

const TTL = 1000;
export const CLIENTS = (process.env["CLIENTS"] ?? "url,ioredis,ioredis-5,redis,redis-5").split(",");

let redis: RedisServer;
let troupe: Troupe;
let proxies: TcpProxy[];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  troupe = new Troupe();
  proxies = [];
});
afterEach(async () => {
  await troupe.disperse();
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

interface Wired {
  readonly candidate: Candidate;
  readonly proxy: TcpProxy;
}

/** A candidate behind a proxy of its own. */
async function wire(name: string, key: string, client = "url", ttl = TTL): Promise<Wired> {
  const proxy = await startProxy(redis.port);
  proxies.push(proxy);
  const store = { port: proxy.port, client };
  const candidate = troupe.add(name, { store, key, options: { ttl } });
  return { candidate, proxy };
}

/** Listens to the server, and returns what waits for the next lease of the election that it grants. */
async function grantsOf(key: string): Promise<() => Promise<void>> {
  const client = new Redis({ port: redis.port, host: "127.0.0.1" });
  await client.subscribe(`incumbent:{${key}}`);
  return async () => {
    await new Promise<void>((resolve) => {
      client.on("message", (_, hint: string) => hint.startsWith("changed") && resolve());
    });
    client.disconnect();
  };
}

const isFrom = (wanted: Candidate) => (candidate: Candidate) => candidate === wanted;

/** Two candidates, the leader first. */
async function pair(
  key: string,
  client?: string,
  ttl?: number,
): Promise<[leader: Wired, follower: Wired]> {
  const both = [await wire("one", key, client, ttl), await wire("two", key, client, ttl)] as const;
  const { candidate } = await troupe.next("elected");
  await troupe.next("renewed");
  // One that is not connected yet when its proxy stops passing never becomes a follower.
  await expect.poll(() => both.every((wired) => wired.candidate.count("started") > 0)).toBe(true);
  return candidate === both[0].candidate ? [both[0], both[1]] : [both[1], both[0]];
}

export function swallowedConnections(clients: readonly string[]): void {
  describe("only the leader's connection is swallowed, for 3 ttl", () => {
    test.each(clients)(
      "%s: told lost before the lease's end, and heals by itself",
      async (client) => {
        const [leader, follower] = await pair(`swallowed-${client}`, client);
        const deposed = troupe.next("deposed", isFrom(leader.candidate));
        const elected = troupe.next("elected", isFrom(follower.candidate));
        leader.proxy.mode = "swallow";
        const swallowed = now();
        const [{ message: loss }, { message: gain }] = await Promise.all([deposed, elected]);
        expect(loss.reason).toBe("store-lost");
        expect(loss.at).toBeLessThan(gain.at);
        expect(gain.at - swallowed).toBeLessThan(TTL + 500);
        // Until 3 ttl have passed; then the connection carries again, and it must become a candidate.
        await troupe.next(
          "renewed",
          (candidate, { at }) => candidate === follower.candidate && at > swallowed + 3 * TTL,
        );
        leader.proxy.mode = "pass";
        const back = troupe.next("elected", isFrom(leader.candidate));
        follower.candidate.signal("SIGKILL");
        await back;
        troupe.expectSound();
      },
    );
  });
}

export function lostRenewals(clients: readonly string[]): void {
  describe("a reply is lost", () => {
    test.each(clients)("%s: of a renewal that was carried out: no false loss", async (client) => {
      const [leader] = await pair(`lost-renewal-${client}`, client, LONG_TTL);
      const sent = now();
      leader.proxy.mode = "swallow-replies";
      // One renewal leaves, is carried out, and its reply goes nowhere; then the connection breaks.
      await expect.poll(() => leader.proxy.swallowed, { interval: 5 }).toBeGreaterThan(0);
      leader.proxy.mode = "pass";
      leader.proxy.cut();
      await troupe.next(
        "renewed",
        (candidate, { at }) => candidate === leader.candidate && at > sent,
      );
      expect(leader.candidate.count("deposed")).toBe(0);
      troupe.expectSound();
    });
  });
}

export function lostReplies(): void {
  describe("a reply is lost", () => {
    test("of an acquire that was carried out: no ghost leader, and a real one within a ttl", async () => {
      const { candidate, proxy } = await wire("one", "lost-acquire");
      const granted = await grantsOf("lost-acquire");
      await troupe.next("elected");
      // The store looks at itself when it has answered first. If one of those answers were lost, the next request would
      // wait for another connection.
      await troupe.next("renewed");
      const resigned = troupe.next("resigned", isFrom(candidate));
      candidate.tell("resign");
      await resigned;
      const cut = now();
      proxy.mode = "swallow-replies";
      // It comes back after one renewal interval, and is granted the lease without hearing of it.
      await granted();
      proxy.mode = "pass";
      proxy.cut();
      const { message } = await troupe.next("elected", (_, { at }) => at > cut);
      expect(message.at - cut).toBeLessThan(2.5 * TTL);
      troupe.expectSound();
    });

    test("of a release that was carried out: the successor comes at once, and stop() resolves", async () => {
      const [leader, follower] = await pair("lost-release");
      const elected = troupe.next("elected", isFrom(follower.candidate));
      const stopped = troupe.next("stopped", isFrom(leader.candidate));
      leader.proxy.mode = "swallow-replies";
      const asked = now();
      leader.candidate.tell("stop");
      const [{ message: gain }, { message: end }] = await Promise.all([elected, stopped]);
      expect(gain.at - asked).toBeLessThan(TTL / 2);
      expect(end.departure).toBe("unconfirmed");
      expect(end.at - asked).toBeLessThan(TTL);
      troupe.expectSound();
    });
  });
}

export function lateAcquires(clients: readonly string[]): void {
  describe("a command is carried out late", () => {
    test.each(clients)(
      "%s: an acquire that was held up beyond its not-after makes no ghost lease",
      async (client) => {
        const [leader, follower] = await pair(`late-acquire-${client}`, client);
        // The follower's next acquire is held back, and reaches the server when the lease is free.
        follower.proxy.mode = "hold";
        const key = `late-acquire-${client}`;
        const errors = troupe.next("store-error", isFrom(follower.candidate), 10_000);
        await errors;
        follower.candidate.signal("SIGKILL");
        const resigned = troupe.next("resigned", isFrom(leader.candidate));
        const elected = troupe.next("elected", isFrom(leader.candidate));
        leader.candidate.tell("resign");
        await resigned;
        follower.proxy.letGo();
        await elected;
        const holder = await redis.command("HGET", key, "node");
        expect(holder).toBe(leader.candidate.name);
        troupe.expectSound();
      },
    );
  });
}

export function lateReleases(): void {
  describe("a command is carried out late", () => {
    test("a renewal and a release that were held up change nothing for the successor", async () => {
      const [leader, follower] = await pair("late-release", "url", LONG_TTL);
      leader.proxy.mode = "hold";
      await troupe.next("elected", isFrom(follower.candidate));
      const token = await redis.command("HGET", "late-release", "token");
      leader.candidate.tell("stop");
      await troupe.next("stopped", isFrom(leader.candidate));
      leader.proxy.letGo();
      await troupe.next("renewed", isFrom(follower.candidate));
      expect(await redis.command("HGET", "late-release", "token")).toBe(token);
      expect(follower.candidate.count("deposed")).toBe(0);
      troupe.expectSound();
    });
  });
}
