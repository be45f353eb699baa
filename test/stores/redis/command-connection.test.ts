import { inspect } from "node:util";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { RedisClient } from "../../../src/stores/redis/client/redis-client.ts";
import { RedisConnection } from "../../../src/stores/redis/connection/redis-connection.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { patterns } from "./clients.ts";

const PASSWORD = "hush-hush";

let redis: RedisServer;
let locked: RedisServer;
const connections: RedisConnection[] = [];

beforeAll(async () => {
  redis = await startRedis();
  locked = await startRedis(["--requirepass", PASSWORD]);
});
afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));
afterAll(async () => {
  await redis.stop();
  await locked.stop();
});

const clock = { now: () => performance.now() };
const within = (ms: number) => ({ clock, signal: AbortSignal.timeout(ms) });

function connect(client: RedisClient | string): RedisConnection {
  const connection = new RedisConnection(client);
  connections.push(connection);
  return connection;
}

async function failure(sent: Promise<unknown>): Promise<StoreError> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StoreError) return error;
  throw new Error(`no StoreError, but ${inspect(error)}`);
}

const clients: Readonly<Record<string, (url: string) => RedisClient | string>> = {
  ...patterns,
  url: (url) => url,
};

describe.each(Object.entries(clients))("a line over %s", (_, make) => {
  test("reports a wrong password at once, again and again, and never the password itself", async () => {
    const connection = connect(make(`redis://:not-${PASSWORD}@127.0.0.1:${locked.port}`));
    for (let round = 0; round < 3; round += 1) {
      const error = await failure(connection.send(["PING"], within(10_000)));
      expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
      expect(error.message).toContain("WRONGPASS");
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(PASSWORD);
    }
  });

  test("reports a missing password, and connects when it is no longer asked for", async () => {
    const connection = connect(make(`redis://127.0.0.1:${locked.port}`));
    const error = await failure(connection.send(["PING"], within(10_000)));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
    await locked.kill();
    await locked.start();
    try {
      await expect
        .poll(() => connection.send(["PING"], within(5000)).catch(() => ""), { timeout: 9000 })
        .toBe("PONG");
    } finally {
      await locked.kill();
      await locked.start(["--requirepass", PASSWORD]);
    }
  });

  test("never uses another database than the one that was asked for", async () => {
    const connection = connect(make(`redis://127.0.0.1:${redis.port}/99`));
    for (let round = 0; round < 2; round += 1) {
      const error = await failure(connection.send(["SET", "astray", "1"], within(10_000)));
      expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
      expect(error.message).toContain("DB index is out of range");
    }
    expect(await redis.command("EXISTS", "astray")).toBe("0");
    const fifteenth = connect(make(`redis://127.0.0.1:${redis.port}/15`));
    await fifteenth.send(["SET", "found", "1"], within(5000));
    expect(await redis.command("-n", "15", "EXISTS", "found")).toBe("1");
  });

  test("does not wait for the deadline if nothing listens", async () => {
    const connection = connect(make("redis://127.0.0.1:1"));
    const begun = performance.now();
    const error = await failure(connection.send(["PING"], within(20_000)));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" });
    expect(error.message).toContain("connect ECONNREFUSED 127.0.0.1:1");
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test("recovers from a connection that is lost in its handshake", async () => {
    const proxy = await startProxy(locked.port);
    try {
      proxy.mode = "swallow-replies";
      const connection = connect(make(`redis://:${PASSWORD}@127.0.0.1:${proxy.port}`));
      const sent = connection.send(["PING"], within(10_000));
      sent.catch(() => {});
      await expect.poll(() => proxy.connections).toBe(1);
      proxy.cut();
      proxy.mode = "pass";
      const answer = () => connection.send(["PING"], within(5000)).catch(() => "");
      await expect.poll(answer, { timeout: 9000 }).toBe("PONG");
      // The first may have waited for the second connection, or failed with the lost one.
      await sent.catch((error) => expect(error).toMatchObject({ applied: "no" }));
    } finally {
      await proxy.close();
    }
  });

  test("asks anew for the server behind the address when it meets a replica", async () => {
    const replica = await startRedis(["--replicaof", "127.0.0.1", "1"]);
    try {
      const connection = connect(make(replica.url));
      const first = await connection.send(["CLIENT", "ID"], within(5000));
      const another = async () => {
        const error = await failure(connection.send(["SET", "k", "1"], within(5000)));
        expect(error).toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "no" });
        return (await connection.send(["CLIENT", "ID"], within(5000))) !== first;
      };
      await expect.poll(another, { timeout: 5000, interval: 50 }).toBe(true);
    } finally {
      await replica.stop();
    }
  });

  test("does not send a request that is no longer awaited", async () => {
    const connection = connect(make(`redis://127.0.0.1:${redis.port}`));
    await connection.send(["PING"], within(5000));
    const over = { clock, signal: AbortSignal.abort() };
    const error = await failure(connection.send(["SET", "too-late", "1"], over));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
    await connection.send(["PING"], within(5000));
    expect(await redis.command("EXISTS", "too-late")).toBe("0");
  });
});

test("no other database is used if ioredis does not wait for the answer to SELECT", async () => {
  const options = { db: 99, lazyConnect: true, disableClientInfo: true };
  for (const client of [new Redis(redis.url, options), new Redis5(redis.url, options)]) {
    const connection = connect(client);
    const error = await failure(connection.send(["SET", "astray", "1"], within(10_000)));
    expect(error.message).toContain("DB index is out of range");
    expect(await redis.command("EXISTS", "astray")).toBe("0");
  }
});

test("the nonce of a lease is in no error", async () => {
  const connection = connect(`redis://127.0.0.1:${redis.port}`);
  const error = await failure(
    connection.send(["EVALSHA", "0".repeat(40), "0", "the-nonce"], within(5000)),
  );
  expect(error.message).toContain("NOSCRIPT");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("the-nonce");
});
