import { Redis } from "ioredis";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { emptyMemory } from "../../../simulation/redis/memory.ts";
import { SimulatedRedis } from "../../../simulation/redis/simulated-redis.ts";
import { digestOf, script } from "../../../src/stores/redis/script/redis-scripts.ts";
import { startRedis } from "../../support/redis-server.ts";

const NOW = 1_700_000_000_000_000;
const TTL = 1_000_000;

let redis: SimulatedRedis;
beforeEach(() => {
  redis = new SimulatedRedis({ run: "a0" });
});

/** A call with one request, behind the text or the digest of the script. */
function call(server: string, guard: string, ...request: readonly string[]): string[] {
  const keys = guard === "" ? ["1", "job"] : ["2", "job", "stamp"];
  return [...keys, "1", server, guard, String(TTL), "", "0", "", ...request];
}

type Leased = "acquire" | "renew";

/** A request for the lease, for a server of that name. */
function lease(name: Leased, server: string, nonce: string, notAfter = NOW + TTL, token = "0") {
  return call(server, "1", name, String(notAfter), nonce, "node", "", String(TTL), token, "");
}

const read = call("", "", "read");

function release(nonce: string): string[] {
  return call("", "", "release", nonce, "1");
}

/** The reply to the one request. */
function run(args: readonly string[], micros = NOW): unknown {
  return replyIn(redis.execute(["EVAL", script, ...args], micros));
}

function replyIn(reply: unknown): unknown {
  return Array.isArray(reply) ? reply[1] : reply;
}

function statusOf(reply: unknown): unknown {
  return Array.isArray(reply) ? reply[0] : reply;
}

/** Makes the server one whose memory has long been known. */
function settle(run = "a0:d0"): void {
  redis.execute(["HSET", "stamp", "run", run, "since", "1"], NOW);
}

describe("a simulated Redis", () => {
  test("knows a script by its digest once it has had its text", () => {
    const command = ["EVALSHA", digestOf(script), ...read];
    expect(() => redis.execute(command, NOW)).toThrow(/^NOSCRIPT /);
    run(read);
    expect(replyIn(redis.execute(command, NOW))).toEqual(["leader", "", "", "", "", "", ""]);
    redis.restart("a1");
    expect(() => redis.execute(command, NOW)).toThrow(/^NOSCRIPT /);
  });

  test("refuses to guess what an unknown script or command does", () => {
    expect(() => redis.execute(["EVAL", "return 1", "0"], NOW)).toThrow("does not know");
    expect(() => redis.execute(["INCR", "job"], NOW)).toThrow("ERR unknown command 'INCR'");
  });

  test("publishes every hint after the command that caused it", () => {
    settle();
    const heard: unknown[] = [];
    redis.onPublish = (channel, message) => {
      heard.push([channel, message, redis.execute(["HGET", "job", "nonce"], NOW)]);
    };
    run(lease("acquire", "a0:d0", "one"));
    run(release("one"));
    expect(heard).toEqual([
      ["incumbent:{job}", `changed ${NOW}`, "one"],
      ["incumbent:{job}", `released ${NOW}`, ""],
    ]);
  });

  test("has another run_id after a restart, and the memory that it is given", () => {
    settle();
    run(lease("acquire", "a0:d0", "one"));
    const before = redis.snapshot();
    run(release("one"));

    redis.restart("a1", before);
    expect(statusOf(run(lease("acquire", "a0:d0", "two")))).toBe("server");
    expect(statusOf(run(lease("acquire", "a1:d0", "two")))).toBe("quarantine");
    const remaining = String(TTL);
    expect(run(read)).toEqual([
      "leader",
      String(NOW),
      "node",
      String(NOW),
      remaining,
      "",
      remaining,
    ]);

    redis.restart("a2", emptyMemory);
    expect(run(read)).toEqual(["leader", "", "", "", "", "", ""]);
  });

  test("is not changed by what happens after a snapshot", () => {
    settle();
    const before = redis.snapshot();
    run(lease("acquire", "a0:d0", "one"));
    expect([...before.keys()]).toEqual(["stamp"]);
  });

  test("lets a lock of Redlock expire by its own clock", () => {
    redis.execute(["SET", "job", "lock", "PX", "10"], NOW);
    expect(redis.execute(["PTTL", "job"], NOW + 4000)).toBe(6);
    expect(redis.execute(["GET", "job"], NOW + 10_000)).toBe("lock");
    expect(redis.execute(["GET", "job"], NOW + 11_000)).toBe(null);
  });
});

describe("the scripts as they are", () => {
  // The comparison at large answers TIME and INFO itself; here they are the server's own.
  test("answer as the simulated ones, given the server's identity and clock", async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    onTestFinished(async () => {
      client.disconnect();
      await server.stop();
    });
    const info = await client.info("server");
    const [, process = ""] = /run_id:(\w+)/.exec(info) ?? [];
    const [, data = ""] = /master_replid:(\w+)/.exec(await client.info("replication")) ?? [];
    const [, version] = /redis_version:(\d+)/.exec(info) ?? [];
    redis = new SimulatedRedis({ run: process, data, version: Number(version) });
    const realRun = `${process}:${data}`;

    const both = async (args: readonly string[]) => {
      const whole = await client.call("EVAL", script, ...args);
      const [head, reply] = Array.isArray(whole) ? whole : [];
      expect(redis.execute(["EVAL", script, ...args], Number(head[1]))).toEqual(whole);
      const keys = ["job", "stamp"].map((key) => client.hgetall(key));
      const kept = [...redis.snapshot().values()];
      const real = (await Promise.all(keys)).filter((fields) => Object.keys(fields).length > 0);
      expect(kept).toHaveLength(real.length);
      for (const fields of real) expect(kept).toContainEqual({ type: "hash", fields });
      return reply;
    };
    const late = (Date.now() + 60_000) * 1000;
    expect(statusOf(await both(lease("acquire", "", "one", late)))).toBe("server");
    expect(statusOf(await both(lease("acquire", realRun, "one", late)))).toBe("quarantine");
    expect(statusOf(await both(lease("renew", realRun, "old", late, "7")))).toBe("renewed");
    expect(statusOf(await both(release("old")))).toBe("released");
    expect(statusOf(await both(read))).toBe("leader");
    expect(statusOf(await both(lease("renew", realRun, "one", 1, "7")))).toBe("late");

    await client.config("SET", "maxmemory-policy", "allkeys-lru");
    redis.setEviction(true);
    for (const key of ["job", "stamp"]) {
      await client.del(key);
      redis.execute(["DEL", key], NOW);
    }
    const old = ["stamp", "run", realRun, "since", "1"] as const;
    await client.hset(...old);
    redis.execute(["HSET", ...old], NOW);
    expect(statusOf(await both(lease("acquire", realRun, "one", late)))).toBe("quarantine");

    await client.config("SET", "maxmemory-policy", "noeviction");
    redis.setEviction(false);
    await client.del("job");
    redis.execute(["DEL", "job"], NOW);
    expect(statusOf(await both(lease("acquire", realRun, "one", late)))).toBe("granted");
    expect(statusOf(await both(lease("renew", realRun, "one", late)))).toBe("renewed");
  });
});
