import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isNoScript, storeErrorOf } from "../../../../src/stores/redis/client/redis-errors.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

describe("what a Redis error means", () => {
  test.each([
    ["NOSCRIPT No matching script.", "INCUMBENT_STORE_REFUSED"],
    ["READONLY You can't write against a read only replica.", "INCUMBENT_STORE_REFUSED"],
    ["LOADING Redis is loading the dataset in memory", "INCUMBENT_STORE_REFUSED"],
    ["MASTERDOWN Link with MASTER is down", "INCUMBENT_STORE_REFUSED"],
    ["CLUSTERDOWN Hash slot not served", "INCUMBENT_STORE_REFUSED"],
    ["MOVED 3999 127.0.0.1:6381", "INCUMBENT_STORE_REFUSED"],
    ["BUSY Redis is busy running a script.", "INCUMBENT_STORE_REFUSED"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "INCUMBENT_STORE_REFUSED"],
    [
      "NOPERM this user has no permissions to run the 'eval' command",
      "INCUMBENT_STORE_MISCONFIGURED",
    ],
    ["NOAUTH Authentication required.", "INCUMBENT_STORE_MISCONFIGURED"],
    ["WRONGPASS invalid username-password pair", "INCUMBENT_STORE_MISCONFIGURED"],
    ["ERR unknown command 'EVALSHA'", "INCUMBENT_STORE_MISCONFIGURED"],
    ["ERR DB index is out of range", "INCUMBENT_STORE_MISCONFIGURED"],
    ["ERR Client sent AUTH, but no password is set", "INCUMBENT_STORE_MISCONFIGURED"],
    ["DENIED Redis is running in protected mode", "INCUMBENT_STORE_MISCONFIGURED"],
    ["ERR max number of clients reached", "INCUMBENT_STORE_REFUSED"],
    ["WRONGTYPE Operation against a key", "INCUMBENT_KEY_OCCUPIED"],
    ["connect ECONNREFUSED 127.0.0.1:6379", "INCUMBENT_STORE_UNAVAILABLE"],
    [
      "Stream isn't writeable and enableOfflineQueue options is false",
      "INCUMBENT_STORE_UNAVAILABLE",
    ],
    ["The client is closed", "INCUMBENT_STORE_UNAVAILABLE"],
    ["The command was aborted", "INCUMBENT_STORE_UNAVAILABLE"],
    ["connect ETIMEDOUT", "INCUMBENT_STORE_UNAVAILABLE"],
    ["getaddrinfo ENOTFOUND redis.internal", "INCUMBENT_STORE_UNAVAILABLE"],
  ])("%s was certainly not carried out", (text, code) => {
    const error = storeErrorOf(new Error(text));
    expect([error.code, error.applied]).toEqual([code, "no"]);
    expect(error.message).toContain(text);
  });

  test.each(["Connection is closed.", "Socket closed unexpectedly", "read ECONNRESET", "whatever"])(
    "%s leaves open whether it was carried out",
    (text) => expect(storeErrorOf(new Error(text)).applied).toBe("maybe"),
  );

  test.each([
    [
      "-OOM command not allowed when used memory > 'maxmemory'.",
      { code: "INCUMBENT_STORE_REFUSED" },
    ],
    ["WRONGTYPE Operation against a key", { code: "INCUMBENT_KEY_OCCUPIED" }],
    ["-READONLY You can't write against a replica.", { code: "INCUMBENT_STORE_REFUSED" }],
  ])("inside a script of Redis 6, %s means the same", (text, meaning) => {
    const place = "@user_script:7: @user_script: 7: ";
    const reply = `ERR Error running script (call to f_${"0".repeat(40)}): ${place}${text}`;
    expect(storeErrorOf(new Error(reply))).toMatchObject({ ...meaning, applied: "no" });
  });

  test.each([
    "User lame has no permissions to run the 'hset' command",
    "No permissions to access a key",
    "No permissions to access a channel",
  ])("inside a script of Redis since 7.2, %s was not carried out", (text) => {
    const reply = `ERR ACL failure in script: ${text} script: on @user_script:1.`;
    const meaning = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
    expect(storeErrorOf(new Error(reply))).toMatchObject(meaning);
  });

  test("the error of a host with several addresses names what happened at each", () => {
    const errors = ["connect ECONNREFUSED ::1:6379", "connect ECONNREFUSED 127.0.0.1:6379"];
    const error = storeErrorOf(new AggregateError(errors.map((text) => new Error(text))));
    expect(error.message).toContain(errors.join("; "));
    expect(error.applied).toBe("no");
  });

  test("an error without a message is named by its class", () => {
    class TimeoutError extends Error {}
    const error = storeErrorOf(new TimeoutError());
    expect(error.message).toMatch(/TimeoutError$/);
    // Of node-redis: it had not been sent yet.
    expect(error.applied).toBe("no");
  });

  test("a password in an error is not passed on", () => {
    expect(storeErrorOf(new Error("bad redis://u:hush@host")).message).not.toContain("hush");
    const renamed = new Error("ERR unknown command 'AUTH', with args beginning with: 'hush' ");
    expect(storeErrorOf(renamed).message).not.toContain("hush");
    const failed = Object.assign(new Error("WRONGPASS no"), { command: { args: ["hush"] } });
    expect(storeErrorOf(failed).cause).toHaveProperty("message", "WRONGPASS no");
    expect(storeErrorOf(failed).cause).not.toHaveProperty("command");
  });

  test("NOSCRIPT is recognised, for it is answered by sending the script", () => {
    expect(isNoScript(storeErrorOf(new Error("NOSCRIPT No matching script.")))).toBe(true);
    expect(isNoScript(storeErrorOf(new Error("BUSY")))).toBe(false);
  });
});

describe("what Redis itself says", () => {
  let redis: RedisServer;
  let replica: RedisServer;
  const clients: Redis[] = [];

  beforeAll(async () => {
    redis = await startRedis(["--enable-debug-command", "yes", "--busy-reply-threshold", "50"]);
    replica = await startRedis(["--replicaof", "127.0.0.1", "1"]);
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await redis.stop();
    await replica.stop();
  });

  function connect(port: number, user: object = {}): Redis {
    const client = new Redis({ port, host: "127.0.0.1", enableReadyCheck: false, ...user });
    clients.push(client.on("error", () => {}));
    return client;
  }

  async function failure(reply: Promise<unknown>) {
    const error = await reply.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) throw new Error("it did not fail");
    const { code, applied, message } = storeErrorOf(error);
    return [code, applied, message] as const;
  }

  const refused = (word: string) => [
    "INCUMBENT_STORE_REFUSED",
    "no",
    expect.stringContaining(word),
  ];
  const misconfigured = (words: string | RegExp) => [
    "INCUMBENT_STORE_MISCONFIGURED",
    "no",
    expect.stringMatching(words),
  ];
  const WRITE = "return redis.call('set', KEYS[1], '1')";

  test("of a script that it does not know, a command that it does not know, and a wrong type", async () => {
    const client = connect(redis.port);
    expect(await failure(client.evalsha("0".repeat(40), 0))).toEqual(refused("NOSCRIPT"));
    expect(await failure(client.call("nosuch"))).toEqual(misconfigured("unknown command"));
    const unknown = "return redis.call('nosuch')";
    expect(await failure(client.eval(unknown, 0))).toEqual(
      misconfigured(/Unknown (Redis )?command called/),
    );
    await client.rpush("list", "x");
    for (const call of ["call", "pcall"]) {
      const wrong = client.eval(`return redis.${call}('hget', KEYS[1], 'f')`, 1, "list");
      const occupied = ["INCUMBENT_KEY_OCCUPIED", "no", expect.stringContaining("WRONGTYPE")];
      expect(await failure(wrong)).toEqual(occupied);
    }
  });

  test("at maxmemory, and without enough replicas", async () => {
    const client = connect(redis.port);
    await client.config("SET", "maxmemory", "1");
    expect(await failure(client.eval(WRITE, 1, "k"))).toEqual(refused("at maxmemory"));
    await client.config("SET", "maxmemory", "0");
    await client.config("SET", "min-replicas-to-write", "1");
    expect(await failure(client.eval(WRITE, 1, "k"))).toEqual(refused("min-replicas-to-write"));
    await client.config("SET", "min-replicas-to-write", "0");
  });

  test("as a replica, and as one without a primary", async () => {
    const client = connect(replica.port);
    expect(await failure(client.eval(WRITE, 1, "k"))).toEqual(refused("connected to a replica"));
    await client.config("SET", "replica-serve-stale-data", "no");
    expect(await failure(client.eval(WRITE, 1, "k"))).toEqual(refused("without a primary"));
  });

  test("to a user without the right, outside and inside of a script", async () => {
    const rules = ["on", ">pw", "~mine", "&*", "+@all", "-hset", "-evalsha"];
    await connect(redis.port).call("ACL", "SETUSER", "lame", ...rules);
    const client = connect(redis.port, { username: "lame", password: "pw" });
    expect(await failure(client.evalsha("0".repeat(40), 0))).toEqual(misconfigured("NOPERM"));
    const denied = "return redis.call('hset', 'mine', 'f', '1')";
    expect(await failure(client.eval(denied, 0))).toEqual(
      misconfigured(/can't run this command|no permissions to run the 'hset' command/),
    );
    const foreign = "return redis.call('get', 'yours')";
    expect(await failure(client.eval(foreign, 0))).toEqual(
      misconfigured(/can't access|No permissions to access a key/),
    );
    expect(await failure(client.eval(WRITE, 1, "yours"))).toEqual(misconfigured("NOPERM"));
  });

  test("while a script runs for too long", async () => {
    const slow = connect(redis.port).eval("while true do end", 0);
    const killed = expect(slow).rejects.toThrow(/killed by user/);
    const client = connect(redis.port);
    await expect.poll(() => client.get("k").catch(String)).toMatch(/BUSY/);
    expect(await failure(client.eval(WRITE, 1, "k"))).toEqual(refused("running for too long"));
    await client.script("KILL");
    // The server answers KILL before the script has ended, and is busy until then.
    await killed;
  });

  test("while it loads its data", async () => {
    const client = connect(redis.port);
    await client.config(
      "SET",
      "key-load-delay",
      "200",
      "loading-process-events-interval-bytes",
      "1024",
    );
    await client.call("DEBUG", "POPULATE", "4000", "key", "500");
    const other = connect(redis.port);
    await other.ping();
    const loaded = client.call("DEBUG", "RELOAD");
    await expect.poll(() => other.get("k").catch(String), { interval: 5 }).toMatch(/LOADING/);
    expect(await failure(other.eval(WRITE, 1, "k"))).toEqual(refused("reading its data"));
    await loaded;
  });
});
