import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { RedisStoreOptions } from "../../../src/stores/redis/redis-options.ts";
import { RedisStore } from "../../../src/stores/redis/redis-store.ts";
import { RedisQuorumStore } from "../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { acquireRequest, nonce, renewRequest, request } from "../../support/requests.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

/** Of a request, ms (test/support/requests.ts). */
const DEADLINE = 10_000;

let servers: RedisServer[] = [];
const stores: { close(): Promise<void> }[] = [];
const proxies: TcpProxy[] = [];

beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
});
beforeEach(() => Promise.all(servers.map((server) => server.settle())));
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  await Promise.all(
    servers.map(async (server) => {
      server.resume();
      await server.kill();
      await server.start();
    }),
  );
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const urls = () => servers.map(({ url }) => url);

function open(options: RedisStoreOptions = {}, on: readonly string[] = urls()): RedisQuorumStore {
  const store = new RedisQuorumStore(on, options);
  stores.push(store);
  return store;
}

/** The lease on one server alone. */
function alone(index: number): RedisStore {
  const store = new RedisStore(server(index).url);
  stores.push(store);
  return store;
}

function server(index: number): RedisServer {
  const found = servers[index];
  if (found === undefined) throw new Error(`there is no server ${index}`);
  return found;
}

async function win(store: RedisQuorumStore, fields: Partial<AcquireRequest> = {}) {
  const asked = acquireRequest("job", fields);
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return { asked, token: reply.token };
}

/** Each server's answer to a command. */
const onEach = (...command: [string, ...string[]]) =>
  Promise.all(servers.map((each) => each.command(...command)));

/** What the servers keep as holder of the lease, in their order. */
const holders = () => onEach("HGET", "job", "nonce");

describe("a lease of a majority", () => {
  test("is granted with one token on all servers, which is the time", async () => {
    const { token } = await win(open());
    await expect.poll(() => onEach("HGET", "job", "token")).toEqual(Array(3).fill(`${token}`));
    expect(Math.abs(token / 1000 - Date.now())).toBeLessThan(2000);
  });

  test("is refused while a majority has it, and says whose it is and for how long", async () => {
    const { token } = await win(open(), { nodeId: "one", metadata: "m" });
    const reply = await open().acquire(acquireRequest("job"));
    if (reply.granted) throw new Error("granted twice");
    expect(reply).toMatchObject({
      reason: "held",
      leader: { nodeId: "one", token, metadata: "m" },
    });
    expect(reply.retryIn).toBeGreaterThan(500);
    expect(reply.retryIn).toBeLessThanOrEqual(1000);
  });

  test("is renewed and released by its nonce alone; the next token is larger", async () => {
    const store = open();
    const { asked, token } = await win(store);
    const other = renewRequest(acquireRequest("job"), token);
    expect(await store.renew(other)).toEqual({ renewed: false, reason: "superseded" });
    expect(await store.release({ ...request("job"), nonce: nonce() })).toEqual({ released: false });
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await store.read(request("job"))).toMatchObject({ nodeId: "node", token });
    const own = { ...request("job"), nonce: asked.nonce };
    expect(await store.release(own)).toEqual({ released: true });
    expect(await store.read(request("job"))).toBeUndefined();
    expect((await win(store)).token).toBeGreaterThan(token);
  });

  test("is not granted past the not-after, nor renewed", async () => {
    const store = open();
    const { asked, token } = await win(store);
    const notAfter = performance.now() - 5;
    await store.release({ ...request("job"), nonce: asked.nonce });
    const tooLate = /reached too late.* reached too late/;
    await expect(store.acquire(acquireRequest("job", { notAfter }))).rejects.toThrow(tooLate);
    await expect(store.renew(renewRequest(asked, token, { notAfter }))).rejects.toThrow(tooLate);
    expect(await store.read(request("job"))).toBeUndefined();
  });

  const ahead = 9_000_000_000_000_000 - 10;

  test("stands above the tokens that a majority shows, also if they are ahead of the time", async () => {
    await alone(2).acquire(acquireRequest("job", { above: ahead, ttl: 1 }));
    await sleep(5);
    await server(0).kill();
    expect((await win(open())).token).toBe(ahead + 2);
  });

  test("is outbid if a server has seen more meanwhile, and stands above it the next time", async () => {
    const store = open();
    const known = await win(store);
    await server(0).kill();
    // Both others confirm it, so that neither owes an answer any more: one that does is not waited for.
    await store.release({ ...request("job"), nonce: known.asked.nonce });
    await alone(2).acquire(acquireRequest("job", { above: ahead, ttl: 1 }));
    await sleep(5);
    const reply = await store.acquire(acquireRequest("job"));
    expect(reply).toMatchObject({ granted: false, reason: "held", leader: undefined });
    await expect.poll(() => store.acquire(acquireRequest("job"))).toMatchObject({ granted: true });
    expect((await store.read(request("job")))?.token).toBeGreaterThan(ahead + 1);
  });

  test("of a process that has not asked for long is above those from before a loss of memory", async () => {
    const idle = open();
    await idle.acquire(acquireRequest("another", { ttl: 200 }));
    await sleep(500);
    const { token } = await win(open(), { ttl: 200 });
    await onEach("FLUSHALL");
    const busy = open();
    // The quarantine ends, in which nothing is granted at all.
    await expect
      .poll(() => busy.acquire(acquireRequest("third", { ttl: 200 })))
      .toMatchObject({ granted: true });
    await expect
      .poll(() => idle.acquire(acquireRequest("job", { ttl: 200 })))
      .toMatchObject({ granted: true });
    expect((await busy.read(request("job")))?.token).toBeGreaterThan(token);
  });

  test("lets the keys of all elections be listed if a majority can be asked", async () => {
    const store = open();
    await win(store);
    await server(1).kill();
    const wait = { clock: performance, signal: AbortSignal.timeout(5000) };
    expect(await store.keys(wait)).toEqual(["job"]);
  });

  test("works on one server, and on an even number", async () => {
    const single = open({}, [server(0).url]);
    await win(single);
    await expect(
      open({}, urls().slice(0, 2)).acquire(acquireRequest("job")),
    ).resolves.toMatchObject({
      granted: false,
    });
  });
});

describe("a minority of the servers", () => {
  test("may be dead", async () => {
    await server(1).kill();
    const store = open();
    const { asked, token } = await win(store);
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await store.read(request("job"))).toMatchObject({ token });
    expect(await store.release({ ...request("job"), nonce: asked.nonce })).toEqual({
      released: true,
    });
  });

  test("may hang: no request waits for it", async () => {
    const store = open();
    const first = await win(store);
    await store.release({ ...request("job"), nonce: first.asked.nonce });
    await expect.poll(holders).toEqual(["", "", ""]);
    server(2).pause();
    const begun = performance.now();
    const { asked, token } = await win(store);
    await store.renew(renewRequest(asked, token));
    await store.read(request("job"));
    await store.release({ ...request("job"), nonce: asked.nonce });
    expect(performance.now() - begun).toBeLessThan(DEADLINE / 2);
  });

  test("that hangs does not hold up those who split the votes of the others", async () => {
    const rival = acquireRequest("job", { nodeId: "rival" });
    await alone(1).acquire(rival);
    server(2).pause();
    const begun = performance.now();
    const reply = await open().acquire(acquireRequest("job"));
    expect(reply).toMatchObject({ granted: false, reason: "held", leader: undefined });
    expect(reply).toMatchObject({ retryIn: expect.any(Number) });
    expect(performance.now() - begun).toBeLessThan(DEADLINE / 2);
    await expect.poll(() => server(0).command("HGET", "job", "nonce")).toBe("");
    await alone(1).release({ ...request("job"), nonce: rival.nonce });
    await win(open());
  });

  test("that missed the election gives its vote at a renewal", async () => {
    await server(1).kill();
    const store = open();
    const { asked, token } = await win(store);
    await server(1).start();
    await server(1).settle();
    await expect
      .poll(async () => {
        await store.renew(renewRequest(asked, token));
        return holders();
      })
      .toEqual(Array(3).fill(asked.nonce));
    await server(0).kill();
    // An attempt that was on its way to the server when it came back has begun a quarantine.
    await expect.poll(() => store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("that lost its memory is quarantined alone, and the others carry on", async () => {
    const store = open();
    const { asked, token } = await win(store);
    await server(0).kill();
    await server(0).start();
    await store.release({ ...request("job"), nonce: asked.nonce });
    const other = open();
    // Before it has heard of all of them for the first time, an attempt may fail for that.
    await expect.poll(() => win(other).then((next) => next.token)).toBeGreaterThan(token);
    await expect.poll(() => server(0).command("HGET", "job", "nonce")).toBe("");
  });

  test("that lost its memory is given the sitting leader's lease, which ends no quarantine", async () => {
    const store = open();
    const { asked, token } = await win(store, { ttl: 5000 });
    await server(0).kill();
    await server(0).start();
    await expect
      .poll(async () => {
        await store.renew(renewRequest(asked, token));
        return server(0).command("HGET", "job", "nonce");
      })
      .toBe(asked.nonce);
    await store.release({ ...request("job"), nonce: asked.nonce });
    await expect.poll(() => server(0).command("HGET", "job", "nonce")).toBe("");
    const reply = await alone(0).acquire(acquireRequest("job", { ttl: 5000 }));
    expect(reply).toMatchObject({ granted: false, reason: "quarantine" });
  });
});

describe("without a majority", () => {
  test("B: no candidate is elected that shares only a wiped server with the leader", async () => {
    const leader = open();
    const { asked, token } = await win(leader);
    await server(2).command("DEL", "job");
    await server(1).kill();
    await server(1).start();
    const reason = await open()
      .acquire(acquireRequest("job"))
      .then(
        (reply) => (reply.granted ? "granted" : reply.reason),
        (error: unknown) => (error instanceof StoreError ? "unheard" : error),
      );
    expect(["held", "quarantine", "unheard"]).toContain(reason);
    await expect.poll(() => leader.renew(renewRequest(asked, token))).toEqual({ renewed: true });
  });

  test("a leader goes on after all servers lost their memory, by the votes that it had", async () => {
    const leader = open();
    const { asked, token } = await win(leader);
    await expect.poll(holders).toEqual(Array(3).fill(asked.nonce));
    for (const each of servers) await each.command("FLUSHALL");
    expect(await leader.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    const stranger = await open().acquire(acquireRequest("job"));
    expect(stranger.granted).toBe(false);
  });

  test("all candidates wait out the quarantine of a majority, and the next token is larger", async () => {
    const { token } = await win(open(), { ttl: 300 });
    for (const index of [0, 1]) await server(index).command("FLUSHALL");
    const store = open();
    // Before it has heard of all of them for the first time, an attempt may fail for that.
    const wait = async () => {
      const reply = await store.acquire(acquireRequest("job", { ttl: 300 }));
      return !reply.granted && reply.reason === "quarantine" ? reply.retryIn : undefined;
    };
    await expect.poll(wait).toBeGreaterThan(0);
    await expect
      .poll(() => store.acquire(acquireRequest("job", { ttl: 300 })))
      .toMatchObject({ granted: true });
    expect((await store.read(request("job")))?.token).toBeGreaterThan(token);
  });

  test("the error names each server and what it did", async () => {
    await win(open(), { nodeId: "api-3", ttl: 5000 });
    await server(1).kill();
    server(2).pause();
    const store = open();
    const signal = AbortSignal.timeout(1000);
    const failure = store.read(request("job", { signal }));
    const [a, b, c] = servers.map(({ port }) => `127.0.0.1:${port}`);
    const text = `^2 of 3 Redis servers are needed: ${a}: held by api-3 for [345]\\.\\d s; ${b}: connection refused; ${c}: (timed out|not connected in time)\\.$`;
    await expect(failure).rejects.toThrow(new RegExp(text));
    await expect(failure).rejects.toMatchObject({ name: "StoreError" });
  });

  test("a failed attempt takes back what it was given", async () => {
    const store = open();
    const { asked } = await win(store);
    await store.release({ ...request("job"), nonce: asked.nonce });
    await server(1).kill();
    await server(2).kill();
    // Until something was sent in vain, the connections to them may still count as open.
    await expect(store.read(request("job"))).rejects.toThrow("2 of 3 Redis servers are needed");
    const failure = store.acquire(acquireRequest("job", { ttl: 60_000 }));
    await expect(failure).rejects.toThrow(/: connection refused/);
    await expect(failure).rejects.toMatchObject({ applied: "no" });
    await expect.poll(() => server(0).command("HGET", "job", "nonce")).toBe("");
  });

  test("a vote that was given unheard is taken back, and said to be possible", async () => {
    const behind = await Promise.all(servers.slice(1).map(({ port }) => startProxy(port)));
    proxies.push(...behind);
    const on = [server(0).url, ...behind.map(({ port }) => `redis://127.0.0.1:${port}`)];
    const store = open({}, on);
    const { asked } = await win(store);
    // Then each of them knows the script that releases. To one that does not, the clean-up below would have to
    // be sent again, for which its answer would have to be heard.
    await expect.poll(holders).toEqual([asked.nonce, asked.nonce, asked.nonce]);
    await store.release({ ...request("job"), nonce: asked.nonce });
    await expect.poll(holders).toEqual(["", "", ""]);
    for (const proxy of behind) proxy.mode = "swallow-replies";
    const given = new AbortController();
    // So long that on a busy machine neither the votes end by themselves nor the connections count as silent.
    const long = { ttl: 60_000, notAfter: performance.now() + 60_000 };
    const asking = acquireRequest("job", { signal: given.signal, ...long });
    const failure = expect(store.acquire(asking)).rejects.toMatchObject({
      ...{ name: "StoreError", applied: "maybe" },
    });
    // A vote that is given after it was taken back is the elector's to take back again.
    await expect.poll(holders).toEqual([asking.nonce, asking.nonce, asking.nonce]);
    given.abort();
    await failure;
    await expect.poll(holders).toEqual(["", "", ""]);
  });

  test("a renewal is not superseded by servers that are out of reach", async () => {
    const store = open();
    const { asked, token } = await win(store);
    await server(1).kill();
    await server(2).kill();
    await expect(store.renew(renewRequest(asked, token))).rejects.toMatchObject({
      name: "StoreError",
      message: expect.stringContaining("2 of 3 Redis servers are needed"),
    });
  });
});

describe("who watches", () => {
  test("is woken when a majority is free, not by a minority, and not by attempts that fail", async () => {
    const store = open();
    const { asked } = await win(store);
    // On all three: what the last of them publishes of this would be heard, and taken for news.
    for (const server of [0, 1, 2]) {
      await expect.poll(() => alone(server).read(request("job"))).toBeDefined();
    }
    const watching = open();
    const heard: string[] = [];
    watching.watch("job", (hint) => heard.push(hint));
    await expect.poll(() => heard).toEqual(["released"]);
    await sleep(50);
    await open().acquire(acquireRequest("job"));
    await alone(0).release({ ...request("job"), nonce: asked.nonce });
    await store.release({ ...request("job"), nonce: asked.nonce });
    await win(store);
    await expect.poll(() => heard).toEqual(["released", "released", "changed"]);
  });

  test("hears nothing after it has stopped watching", async () => {
    const store = open();
    const heard: string[] = [];
    const unwatch = store.watch("job", (hint) => heard.push(hint));
    await expect.poll(() => heard).toEqual(["released"]);
    unwatch();
    await win(store);
    await sleep(50);
    expect(heard).toEqual(["released"]);
  });
});

describe("G7: bad input to the store", () => {
  const url = "redis://127.0.0.1:7001";

  test.each([
    [[], /^servers must be a list of at least one client or URL/],
    ["redis://a", /^servers must be a list/],
    [[url, 42], /^client must be a client of ioredis or node-redis/],
    [[url, url], /^servers must be different servers.*; got "127\.0\.0\.1:7001 twice"/],
    [[`${url}/0`, `redis://:hush@127.0.0.1:7001/1`], /^servers must be different servers/],
    [[url, "http://b"], /^store must be a URL that begins with redis:/],
  ])("the servers %j", (given, message) => {
    expect(() => new RedisQuorumStore(given as string[])).toThrow(message);
  });

  test("a client of a server that is given by its URL too", () => {
    const client = new Redis({ port: 7001, host: "127.0.0.1", lazyConnect: true });
    expect(() => new RedisQuorumStore([url, client])).toThrow(/different servers/);
  });

  test("two names of one server are found out when it is asked", async () => {
    const same = [server(0).url, server(0).url.replace("127.0.0.1", "localhost"), server(1).url];
    const store = open({}, same);
    const attempt = () => store.acquire(acquireRequest(nonce())).then(String, String);
    await expect.poll(attempt).toMatch(/are the same Redis server/);
  });

  test("an option that is not known", () => {
    const options = { restartguard: false } as RedisStoreOptions;
    expect(() => open(options)).toThrow(/did you mean "restartGuard"/);
  });
});
