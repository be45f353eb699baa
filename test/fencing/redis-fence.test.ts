import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis-5";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { RedisFence, type RedisFenceClient } from "../../src/fencing/redis-fence.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { heldTerm, resignedTerm } from "../support/terms.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

/** Ends the client with the test. */
function ending<Client>(client: Client, end: (client: Client) => void): Client {
  onTestFinished(() => end(client));
  return client;
}

const clients: [name: string, connect: () => RedisFenceClient | Promise<RedisFenceClient>][] = [
  ["ioredis 6", () => ioredis()],
  ["ioredis 5", () => ending(new Redis5(server.url), (client) => client.disconnect())],
  [
    "node-redis 6",
    async () =>
      ending(await createClient({ url: server.url }).connect(), (client) => client.destroy()),
  ],
  [
    "node-redis 5",
    async () =>
      ending(await createClient5({ url: server.url }).connect(), (client) => client.destroy()),
  ],
];

function ioredis(): Redis {
  return ending(new Redis(server.url), (client) => client.disconnect());
}

describe.each(clients)("a fence in Redis, through %s", (name, connect) => {
  test("admits a token that is not smaller than the largest it has seen", async () => {
    const [fence, other] = [new RedisFence(await connect()), new RedisFence(await connect())];
    const resource = `${name} admits`;
    expect(await fence.raise(resource, 1_790_000_000_000_001)).toBe(1_790_000_000_000_001);
    expect(await other.raise(resource, 1_790_000_000_000_000)).toBe(1_790_000_000_000_001);
    expect(await other.raise(resource, Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(await fence.raise(`${resource} others`, 1)).toBe(1);
  });

  test("keeps the value of the last leader", async () => {
    const fence = new RedisFence(await connect());
    const resource = `${name} keeps`;
    expect(await fence.get(resource)).toBeUndefined();
    await fence.set(resource, "of 7", heldTerm(7));
    await fence.set(resource, "of 7 again", heldTerm(7));
    await fence.set(resource, "", heldTerm(8));
    expect(await fence.get(resource)).toBe("");
    await expect(fence.set(resource, "of 7 late", heldTerm(7))).rejects.toMatchObject({
      ...{ name: "LeadershipLostError", reason: "superseded" },
    });
    expect(await fence.get(resource)).toBe("");
  });

  test("passes an error of the client on", async () => {
    const fence = new RedisFence(await connect(), { prefix: `${name}:` });
    await server.command("SET", `${name}:text`, "x");
    await expect(fence.raise("text", 1)).rejects.toThrow("WRONGTYPE");
  });
});

describe("a fence in Redis", () => {
  test("sets nothing for a term that this process knows to be over", async () => {
    const fence = new RedisFence(ioredis());
    await expect(fence.set("over", "x", resignedTerm(9))).rejects.toMatchObject({
      reason: "resigned",
    });
    expect(await server.command("EXISTS", "fence:over")).toBe("0");
  });

  test("refuses a value that is no text, and a resource that cannot be seen", async () => {
    const fence = new RedisFence(ioredis());
    await expect(fence.set("a", 7 as never, heldTerm(7))).rejects.toThrow(
      /^value must be a string.*"42"/,
    );
    await expect(fence.raise("a\n", 7)).rejects.toThrow(/^resource must not contain/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, "9", undefined])(
    "refuses %j for a token, and remembers what it has seen",
    async (token) => {
      const fence = new RedisFence(ioredis());
      const resource = `tokens ${String(token)}`;
      await fence.raise(resource, 7);
      await expect(fence.raise(resource, token as number)).rejects.toThrow(
        /^token must be a whole number/,
      );
      expect([await fence.raise(resource, 6), await fence.raise(resource, 7)]).toEqual([7, 7]);
    },
  );

  test("has no value if the client has none, however it says so", async () => {
    const fences = [null, undefined].map((none) => new RedisFence({ call: async () => none }));
    expect(await Promise.all(fences.map((fence) => fence.get("a")))).toEqual([
      undefined,
      undefined,
    ]);
  });

  test.each([
    ...[undefined, null, {}, "redis://127.0.0.1", { call: "GET" }, { sendCommand: "GET" }],
    { sendCommand() {}, masters: [] },
  ])("has no client like %j", (client) => {
    expect(() => new RedisFence(client as never)).toThrow(
      /^client must be an ioredis client, or a node-redis client of one server.*new Redis\(\) of ioredis/,
    );
  });

  test("has no other options than its prefix", () => {
    const client = { call: () => Promise.resolve() };
    expect(() => new RedisFence(client, { prefx: "a" } as never)).toThrow('did you mean "prefix"');
    expect(() => new RedisFence(client, 7 as never)).toThrow(
      /^options must be an object.*\{ prefix: "fence:" \}/,
    );
    expect(() => new RedisFence(client, { prefix: "" })).toThrow(
      /^prefix must be a string.*"fence:"/,
    );
  });
});
