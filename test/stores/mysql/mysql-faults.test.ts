import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { settle } from "./settle.ts";

let server: MysqlServer;
let store: MysqlStore;
let key = "";
let count = 0;

beforeAll(async () => {
  server = await startMysql();
  await settle(server);
  store = new MysqlStore(server.url);
}, 60_000);
afterAll(async () => {
  await store.close();
  await server.stop();
});
beforeEach(() => {
  count += 1;
  key = `election-${count}`;
});

/** The error of a request, which must have failed. */
async function failureOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    (reply) => expect.unreachable(`answered ${JSON.stringify(reply)}`),
    (error: unknown) => error,
  );
}

const refusal = (text: RegExp) => ({
  code: "INCUMBENT_STORE_REFUSED",
  applied: "no",
  message: expect.stringMatching(text),
});
const misconfiguration = (text: RegExp) => ({
  code: "INCUMBENT_STORE_MISCONFIGURED",
  applied: "no",
  message: expect.stringMatching(text),
});

/** A URL of the server for another user, with other parameters. */
function urlFor(user: string, { database = "elections", query = "", port = server.port } = {}) {
  return `mysql://${user}@127.0.0.1:${port}/${database}${query}`;
}

describe("a request", () => {
  test.each(["mysql", "mariadb"])(
    "opens another connection after the last one was ended, by a URL with %s:",
    async (scheme) => {
      const proxy = await startProxy(server.port);
      const url = urlFor("root", { port: proxy.port }).replace("mysql:", `${scheme}:`);
      const behind = new MysqlStore(url);
      onTestFinished(async () => {
        await behind.close();
        await proxy.close();
      });
      await behind.acquire(acquireRequest(key));
      proxy.cut();
      const read = () => behind.read(request(key)).catch(() => undefined);
      await expect.poll(read, { timeout: 10_000 }).toMatchObject({ nodeId: expect.anything() });
    },
  );

  test("whose answer is lost may have been carried out, and its lease can be released by its nonce", async () => {
    const proxy = await startProxy(server.port);
    const behind = new MysqlStore(urlFor("root", { port: proxy.port }));
    const first = acquireRequest(key);
    const reply = await behind.acquire(first);
    if (!reply.granted) throw new Error("refused");
    proxy.mode = "swallow-replies";
    const renewal = renewRequest(first, reply.token, {
      ttl: 60_000,
      notAfter: performance.now() + 800,
      signal: AbortSignal.timeout(800),
    });
    expect(await failureOf(behind.renew(renewal))).toMatchObject({ applied: "maybe" });
    const { expiresIn = 0 } = (await store.read(request(key))) ?? {};
    expect(expiresIn).toBeGreaterThan(10_000);
    proxy.mode = "pass";
    proxy.cut();
    await expect
      .poll(() => behind.release(first).catch(() => undefined))
      .toEqual({ released: true });
    await behind.close();
    await proxy.close();
  });

  test("whose connection is killed fails, and the next one opens another", async () => {
    const lease = acquireRequest(key);
    const reply = await store.acquire(lease);
    if (!reply.granted) throw new Error("refused");
    const ours =
      "SELECT id FROM information_schema.processlist WHERE db = 'elections' AND command = 'Sleep'";
    for (const { id } of await server.query(ours)) await server.query(`KILL ${id}`).catch(() => {});
    const renewal = renewRequest(lease, reply.token);
    await expect.poll(() => store.renew(renewal).catch(() => undefined)).toEqual({ renewed: true });
  });

  test("on a server that is read-only is refused, also for a user who may write to it", async () => {
    await server.query("SET GLOBAL read_only = 1");
    const failure = await failureOf(store.acquire(acquireRequest(key)));
    await server.query("SET GLOBAL read_only = 0");
    expect(failure).toMatchObject(refusal(/read-only.*connect to the primary/));
    expect((await store.acquire(acquireRequest(key))).granted).toBe(true);
  });

  test("on a server without a free connection is refused, and succeeds when there is one", async () => {
    await server.query(
      "CREATE USER one@'%'; GRANT ALL ON elections.* TO one@'%'; ALTER USER one@'%' WITH MAX_USER_CONNECTIONS 1",
    );
    const [first, second] = [new MysqlStore(urlFor("one")), new MysqlStore(urlFor("one"))];
    await first.read(request(key));
    expect(await failureOf(second.read(request(key)))).toMatchObject(
      refusal(/too many connections|resource/),
    );
    await first.close();
    await expect
      .poll(() =>
        second.read(request(key)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await second.close();
  });
});

describe("a wrong set-up is named, without the password:", () => {
  test.each([
    ["a wrong password", () => urlFor("root:secret"), /check user and password/],
    ["no such database", () => urlFor("root", { database: "nowhere" }), /create the database/],
    ["no database", () => urlFor("root", { database: "" }), /name a database/],
  ])("%s", async (_what, url, text) => {
    const wrong = new MysqlStore(url());
    const failure = await failureOf(wrong.acquire(acquireRequest(key)));
    expect(failure).toMatchObject(misconfiguration(text));
    expect(String(failure)).not.toContain("secret");
    await wrong.close();
  });

  test("tables that this user may not create, with the statements that create them", async () => {
    await server.query(
      "CREATE DATABASE bare; CREATE USER reader@'%'; GRANT SELECT ON bare.* TO reader@'%'",
    );
    const wrong = new MysqlStore(urlFor("reader", { database: "bare" }));
    const failure = await failureOf(wrong.acquire(acquireRequest(key)));
    expect(failure).toMatchObject(
      misconfiguration(/may not be created.*GRANT SELECT, INSERT, UPDATE/s),
    );
    expect(await wrong.read(request(key))).toBeUndefined();
    await wrong.close();
    const statements =
      String(failure)
        .match(/CREATE TABLE[^;]*;/g)
        ?.join("\n") ?? "";
    await server.query(`USE bare; ${statements} GRANT INSERT, UPDATE ON bare.* TO reader@'%'`);
    const right = new MysqlStore(urlFor("reader", { database: "bare" }), { createTable: false });
    expect(await right.acquire(acquireRequest(key))).toMatchObject({ reason: "quarantine" });
    await right.close();
  });

  test("tables that are missing, if the store must not create them", async () => {
    const wrong = new MysqlStore(server.url, { table: "missing", createTable: false });
    const failure = await failureOf(wrong.acquire(acquireRequest(key)));
    expect(failure).toMatchObject(misconfiguration(/are missing.*CREATE TABLE/s));
    await wrong.close();
  });

  test("tables without transactions", async () => {
    await server.query(
      "CREATE TABLE plain LIKE incumbent_elections; CREATE TABLE plain_fences (`key` VARCHAR(99) PRIMARY KEY, token BIGINT NOT NULL) ENGINE = MyISAM",
    );
    const wrong = new MysqlStore(server.url, { table: "plain" });
    const failure = await failureOf(wrong.acquire(acquireRequest(key)));
    expect(failure).toMatchObject(misconfiguration(/not kept by InnoDB/));
    await wrong.close();
  });
});

test("of fifty candidates, one is elected at a time, with a larger token each time", async () => {
  const stores = Array.from({ length: 50 }, () => new MysqlStore(server.url));
  let last = 0;
  for (let round = 0; round < 5; round += 1) {
    const wishes = stores.map(() => acquireRequest(key, { ttl: 60_000 }));
    const replies = await Promise.all(
      stores.map((one, at) => one.acquire(wishes[at] ?? acquireRequest(key))),
    );
    const winners = replies.flatMap((reply, at) =>
      reply.granted ? [{ token: reply.token, at }] : [],
    );
    expect(winners).toHaveLength(1);
    const [{ token, at } = { token: 0, at: 0 }] = winners;
    expect(token).toBeGreaterThan(last);
    last = token;
    await stores[at]?.release(wishes[at] ?? acquireRequest(key));
  }
  await Promise.all(stores.map((one) => one.close()));
});
