import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { guardSettings } from "../../../src/stores/redis/guard-settings.ts";
import { RedisNode } from "../../../src/stores/redis/redis-node.ts";
import { startRedis, type RedisServer as TestServer } from "../../support/redis-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

/** Above the floor of a server that has been known for long: it may have forgotten what is below. */
const AT = 1_000_000_000;

let redis: TestServer;
const servers: RedisNode[] = [];

function open(): RedisNode {
  const server = new RedisNode(redis.url, guardSettings([], {}));
  servers.push(server);
  return server;
}

/** What one of several servers is asked, and the tokens that it reports. */
function ballot(proposal: number | "join") {
  const seen: number[] = [];
  return { proposal: String(proposal), onSeen: (token: number) => void seen.push(token), seen };
}

async function vote(server: RedisNode, proposal: number, fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest("job", fields);
  const reply = await server.acquire(asked, ballot(proposal));
  return { asked, reply };
}

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await redis.command("FLUSHALL");
});
afterAll(() => redis.stop());

describe("a token that is proposed", () => {
  test("is granted as it is, also below the server's clock", async () => {
    await redis.settle();
    const { reply } = await vote(open(), AT + 7);
    expect(reply).toMatchObject({ granted: true, token: AT + 7 });
  });

  test("is outbid by an equal or larger one, and the reply names the token to stand above", async () => {
    await redis.settle();
    const server = open();
    const { asked } = await vote(server, AT + 7);
    await server.release({ ...request("job"), nonce: asked.nonce });
    for (const proposal of [AT + 6, AT + 7]) {
      const asked = ballot(proposal);
      const reply = await server.acquire(acquireRequest("job"), asked);
      expect(reply).toMatchObject({ granted: false, reason: "outbid" });
      expect(asked.seen.at(-1)).toBe(AT + 7);
    }
    expect((await vote(server, AT + 8)).reply.granted).toBe(true);
  });

  test("is outbid by the floor once the quarantine is over, and hears of it only then", async () => {
    const server = open();
    const during = ballot(7);
    const reply = await server.acquire(acquireRequest("job", { ttl: 200 }), during);
    expect(reply).toMatchObject({ granted: false, reason: "quarantine" });
    expect(during.seen).toEqual([0]);
    await sleep(201);
    const after = ballot(7);
    expect(await server.acquire(acquireRequest("job", { ttl: 200 }), after)).toMatchObject({
      reason: "outbid",
    });
    expect(after.seen[0]).toBe(Number(await redis.command("HGET", "job", "floor")));
  });

  test("does not overwrite the live lease of the same attempt", async () => {
    await redis.settle();
    const server = open();
    const { asked } = await vote(server, AT + 7);
    const again = await server.acquire(asked, ballot(AT + 8));
    expect(again).toMatchObject({ reason: "held", applied: "maybe" });
    const other = await server.acquire({ ...asked, nonce: "other" }, ballot(AT + 8));
    expect(other).toMatchObject({ reason: "held", applied: "no" });
    expect(await server.read(request("job"))).toMatchObject({ token: AT + 7 });
  });
});

describe("a renewal that joins", () => {
  const join = { proposal: "join", onSeen: () => {} };

  test("gives a server that is free to the term", async () => {
    await redis.settle();
    const server = open();
    const elsewhere = acquireRequest("job", { nodeId: "leader" });
    await vote(server, AT + 5, { ttl: 1 });
    await sleep(5);
    expect(await server.renew(renewRequest(elsewhere, AT + 9), join)).toEqual({
      renewed: true,
      how: "joined",
    });
    expect(await server.read(request("job"))).toMatchObject({ token: AT + 9, nodeId: "leader" });
  });

  test("is distinguished from one on a single server, which is superseded", async () => {
    await redis.settle();
    const server = open();
    await vote(server, AT + 5, { ttl: 1 });
    await sleep(5);
    const renewal = renewRequest(acquireRequest("job"), AT + 9);
    expect(await server.renew(renewal)).toMatchObject({ renewed: false, reason: "superseded" });
  });

  test("keeps the larger token of an attempt that failed as the floor", async () => {
    await redis.settle();
    const server = open();
    const { asked } = await vote(server, AT + 12);
    await server.release({ ...request("job"), nonce: asked.nonce });
    const leader = acquireRequest("job");
    expect(await server.renew(renewRequest(leader, AT + 9), join)).toEqual({
      renewed: true,
      how: "joined",
    });
    expect(await server.read(request("job"))).toMatchObject({ token: AT + 9 });
    await server.release({ ...request("job"), nonce: leader.nonce });
    expect((await vote(server, AT + 12)).reply).toMatchObject({ reason: "outbid" });
    expect((await vote(server, AT + 13)).reply.granted).toBe(true);
  });

  test("takes nothing from a live lease, and the refusal names its leader", async () => {
    await redis.settle();
    const server = open();
    await vote(server, AT + 12, { nodeId: "other" });
    const reply = await server.renew(renewRequest(acquireRequest("job"), AT + 99), join);
    expect(reply).toMatchObject({
      reason: "superseded",
      leader: { nodeId: "other", token: AT + 12 },
    });
  });

  test("that comes after the release of its own term revives nothing", async () => {
    await redis.settle();
    const server = open();
    const { asked } = await vote(server, AT + 9);
    await server.release({ ...request("job"), nonce: asked.nonce });
    expect(await server.renew(renewRequest(asked, AT + 9), join)).toMatchObject({
      reason: "superseded",
    });
    expect(await server.read(request("job"))).toBeUndefined();
  });

  test("revives its own lease if it has ended and was not released", async () => {
    await redis.settle();
    const server = open();
    const { asked } = await vote(server, AT + 9, { ttl: 1 });
    await sleep(5);
    const renewal = renewRequest(asked, AT + 9, { ttl: 1000 });
    expect(await server.renew(renewal)).toMatchObject({ reason: "superseded" });
    expect(await server.renew(renewal, join)).toEqual({
      renewed: true,
      how: "joined",
    });
  });

  test("waits for the end of the quarantine if an older term is not forgotten", async () => {
    const server = open();
    await redis.command("HSET", "job", "incumbent", "1", "token", "12", "nonce", "", "run", "gone");
    const renewal = renewRequest(acquireRequest("job", { ttl: 200 }), 9);
    expect(await server.renew(renewal, join)).toMatchObject({ reason: "superseded" });
    await sleep(201);
    expect(await server.renew(renewal, join)).toEqual({
      renewed: true,
      how: "joined",
    });
  });
});

describe("what is published", () => {
  test("names the term, and a quiet release is not published", async () => {
    await redis.settle();
    const server = open();
    const heard: (string | undefined)[] = [];
    const unwatch = server.watch("job", (message) => heard.push(message));
    await expect.poll(() => heard).toEqual([undefined]);
    const { asked } = await vote(server, AT + 7);
    await server.release({ ...request("job"), nonce: asked.nonce }, { quietly: true });
    const { asked: next } = await vote(server, AT + 8);
    await server.release({ ...request("job"), nonce: next.nonce });
    await expect
      .poll(() => heard)
      .toEqual([undefined, `changed ${AT + 7}`, `changed ${AT + 8}`, `released ${AT + 8}`]);
    unwatch();
  });
});

describe("an introduction", () => {
  test("makes the server known and writes nothing", async () => {
    const server = open();
    const seen: number[] = [];
    await server.introduce(acquireRequest("job"), (token) => seen.push(token));
    expect(server.known).toMatchObject({ mode: "standalone", at: expect.any(Number) });
    expect(Math.abs((server.known?.micros ?? 0) / 1000 - Date.now())).toBeLessThan(1000);
    expect(seen).toEqual([0]);
    expect(await redis.command("DBSIZE")).toBe("0");
  });
});
