import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { script } from "../../../../src/stores/redis/script/redis-scripts.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

// The script compares what it reads of one key with what it has found good of another in the same call.

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

const TTL = 60_000_000;
const SINCE = "1700000000000000";

let run: string;
/** The server's time, in µs, at the start. */
let now: number;
let usual: Readonly<Record<string, string>>;
beforeEach(async () => {
  await client.flushall();
  const [head] = await call(script, [["missing", "introduce"]]);
  [run, now] = [String(head?.[0]), Number(head?.[1])];
  await client.hset("stamp", { run, since: SINCE });
  const lease = { nonce: "mine", exp: String(now + TTL / 2), ttl: String(TTL), run };
  usual = { incumbent: "1", token: "7", epoch: SINCE, until: "0", floor: "0", ...lease };
});

/** Calls the script with these requests, each behind its key. */
async function call(text: string, requests: readonly (readonly [string, ...string[]])[]) {
  const keys = [...requests.map(([key]) => key), "stamp"];
  const common = [String(requests.length), run ?? "", "1", String(TTL), "", "0", ""];
  const args = [...common, ...requests.flatMap(([, ...request]) => request)];
  const reply: unknown = await client.call("EVAL", text, String(keys.length), ...keys, ...args);
  if (!Array.isArray(reply)) throw new Error(`unexpected: ${reply}`);
  return reply;
}

function prolong(key: string, notAfter = now + TTL): [string, ...string[]] {
  return [key, "prolong", "1", String(notAfter), String(TTL), "mine"];
}

interface Unusual {
  /** What the hash has in place of the usual. */
  readonly fields?: () => Readonly<Record<string, string>>;
  readonly notAfter?: () => number;
  /** A part of the script without which this would be overlooked, and what stands in its place. */
  readonly check: readonly [part: string, instead: string];
}

const soon = () => String(now + TTL);

const unusual: Readonly<Record<string, Unusual>> = {
  "of another attempt": {
    fields: () => ({ nonce: "another's" }),
    check: [" or v[2] ~= nonce", ""],
  },
  "of another format": { fields: () => ({ incumbent: "2" }), check: [" or v[1] ~= '1'", ""] },
  "that comes too late": { notAfter: () => now - 1, check: [" or now > tonumber(notAfter)", ""] },
  "of an ended lease": { fields: () => ({ exp: String(now - 1) }), check: ["now >= exp or ", ""] },
  "of a lease with the usual end that is longer than its ttl": {
    fields: () => ({ ttl: "1000" }),
    check: ["goodTtl[v[3]] ~= v[4]", "not goodTtl[v[3]]"],
  },
  "of a lease with the usual ttl that is longer than it": {
    fields: () => ({ exp: String(now + 2 * TTL) }),
    check: [" or exp > now + (tonumber(v[4]) or 0)", ""],
  },
  "in a quarantine": { fields: () => ({ until: soon() }), check: [" or v[7] ~= goodUntil", ""] },
  "on another server": { fields: () => ({ run: "aa:bb" }), check: ["v[5] ~= goodRun or ", ""] },
  "with another epoch": { fields: () => ({ epoch: "5" }), check: [" or v[6] ~= goodEpoch", ""] },
};

/** Asks for leases of which the second and the last are unusual, the others as usual. */
async function statusesBy(text: string, { fields, notAfter }: Unusual): Promise<unknown[]> {
  for (const key of ["first", "third"]) await client.hset(key, usual);
  for (const key of ["second", "last"]) await client.hset(key, { ...usual, ...fields?.() });
  const late = notAfter?.();
  const requests = [prolong("first"), prolong("second", late), prolong("third")];
  const [, ...statuses] = await call(text, [...requests, prolong("last", late)]);
  return statuses;
}

test.each(Object.entries(unusual))(
  "a short renewal %s is asked for in full, whatever was found of those before it",
  async (_, each) => {
    expect(await statusesBy(script, each)).toEqual(["renewed", "more", "renewed", "more"]);
    expect(await client.hmget("second", "exp", "ttl")).toEqual([
      each.fields?.()["exp"] ?? usual["exp"],
      each.fields?.()["ttl"] ?? usual["ttl"],
    ]);
    const [part, instead] = each.check;
    expect(script.split(part)).toHaveLength(2);
    expect(await statusesBy(script.replace(part, instead), each)).not.toEqual([
      ...["renewed", "more", "renewed", "more"],
    ]);
  },
);

test("what was found unusual of one key is not found good of the next", async () => {
  for (const { fields } of Object.values(unusual).filter((each) => each.fields !== undefined)) {
    for (const key of ["first", "second"]) await client.hset(key, { ...usual, ...fields?.() });
    await client.hset("third", usual);
    const requests = [prolong("first"), prolong("second"), prolong("third")];
    expect((await call(script, requests)).slice(1)).toEqual(["more", "more", "renewed"]);
  }
});

test("a request that fails harms none before it and none behind it, of whatever kind", async () => {
  for (const key of ["first", "second", "last"]) await client.hset(key, usual);
  await client.rpush("list", "an element");
  const failing = [
    ["list", "read"],
    ["list", "release", "mine", "1"],
    ["list", "renew", String(now + TTL), "mine", "node", "", String(TTL), "7", ""],
  ] as const;
  const requests = [prolong("first"), ...failing, prolong("second"), failing[0], prolong("last")];
  const [head, ...replies] = await call(script, requests);
  const statuses = replies.map((reply) => (Array.isArray(reply) ? reply[0] : reply));
  const error = "error";
  expect(statuses).toEqual(["renewed", error, error, error, "renewed", error, "renewed"]);
  for (const key of ["first", "second", "last"])
    expect(await client.hget(key, "exp")).toBe(String(Number(head[1]) + TTL));
});

/** Short renewals that share a not-after and a ttl. */
function together(keys: readonly string[], nonces: readonly string[], notAfter = now + TTL) {
  const [first = "", ...others] = keys;
  const shared = ["prolong", String(keys.length), String(notAfter), String(TTL)];
  return [[first, ...shared, ...nonces], ...others.map((key) => [key] as const)] as const;
}

test("short renewals that share a not-after are judged by their own nonce and their own key", async () => {
  const keys = ["first", "another's", "missing", "list", "last"];
  for (const key of ["first", "another's", "last"]) await client.hset(key, usual);
  await client.rpush("list", "an element");
  const requests = together(keys, ["mine", "yours", "mine", "mine", "mine"]);
  const [, ...statuses] = await call(script, [...requests, prolong("first")]);
  expect(statuses).toEqual(["renewed", "more", "more", "more", "renewed", "renewed"]);
});

test("one reply stands for all leases if each of them was renewed", async () => {
  const keys = ["first", "second", "third"];
  for (const key of keys) await client.hset(key, usual);
  const [head, ...statuses] = await call(script, together(keys, ["mine", "mine", "mine"]));
  expect(statuses).toEqual(["renewed"]);
  for (const key of keys) {
    expect(await client.hget(key, "exp")).toBe(String(Number(head[1]) + TTL));
  }
});

test("a short renewal that fails ends none of those that share its not-after", async () => {
  const keys = ["first", "denied", "last"];
  for (const key of keys) await client.hset(key, usual);
  const broken = script.replace(
    "local function prolong(key, nonce)",
    "local function prolong(key, nonce) if key == 'denied' then error({err = 'ERR denied'}) end",
  );
  const [, ...replies] = await call(broken, together(keys, ["mine", "mine", "mine"]));
  expect(replies).toEqual(["renewed", ["error", "ERR denied"], "renewed"]);
});
