import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { realTimer, type Timer } from "../../../src/stores/connections/timer.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { MysqlStoreOptions } from "../../../src/stores/mysql/mysql-options.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { settle } from "./settle.ts";

/** No store looks at what it watches, which it would do every 250 ms: what it hears was rung. */
const withoutLooks: Timer = (ms, fire) => (ms > 250 ? realTimer(ms, fire) : () => {});

let server: MysqlServer;
const stores: MysqlStore[] = [];

beforeAll(async () => {
  server = await startMysql();
  await settle(server);
}, 60_000);
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
afterAll(() => server.stop());

function open(options?: MysqlStoreOptions, scheme = "mysql"): MysqlStore {
  const store = new MysqlStore(server.url.replace("mysql", scheme), options, withoutLooks);
  stores.push(store);
  return store;
}

/** How many connections wait for a bell. */
async function waiting(): Promise<number> {
  const [row] = await server.query(
    "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE STATE = 'User lock'",
  );
  return Number(row?.["n"]);
}

/** How many connections there are, without the one that asks. One that has just ended may still be counted. */
async function connected(): Promise<number> {
  const [row] = await server.query(
    "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'",
  );
  return Number(row?.["n"]);
}

async function until(count: () => Promise<number>, expected: number): Promise<void> {
  while ((await count()) !== expected) await sleep(20);
}

/** Ends a connection, unless it is over: one of an earlier test may still have been listed. */
async function kill(id: unknown): Promise<void> {
  await server.query(`KILL ${id}`).catch((error) => {
    if (error.code !== "ER_NO_SUCH_THREAD") throw error;
  });
}

/** Which connection has the bell of an election. */
async function holderOf(key: string): Promise<unknown> {
  const name = `SHA2('elections.incumbent_elections.${key}', 256)`;
  const [row] = await server.query(
    `SELECT IS_USED_LOCK(CONCAT('incumbent:', LEFT(${name}, 48))) AS holder`,
  );
  return row?.["holder"];
}

/** A store that watches, leads, and has the bell, until its lease is released. */
async function leader(key: string, scheme?: string) {
  const store = open({}, scheme);
  store.watch(key, () => {});
  const attempt = acquireRequest(key, { ttl: 60_000 });
  const reply = await store.acquire(attempt);
  if (!reply.granted) throw new Error(`not elected: ${reply.reason}`);
  while ((await holderOf(key)) === null) await sleep(20);
  return { store, attempt, token: reply.token };
}

/** Hears of the next change of an election. */
function follower(key: string, options?: MysqlStoreOptions, scheme?: string) {
  const store = open(options, scheme);
  const heard = new Promise((resolve) => store.watch(key, resolve));
  return { store, heard };
}

function release({ store, attempt }: { store: MysqlStore; attempt: AcquireRequest }) {
  return store.release({ ...request(attempt.key), nonce: attempt.nonce });
}

describe("a follower in a database of MySQL", () => {
  test.each(["mysql", "mariadb"])(
    "hears of a release without a look, by a URL %s://",
    async (scheme) => {
      const key = `rung by ${scheme}`;
      const held = await leader(key, scheme);
      const followers = [follower(key, {}, scheme), follower(key, {}, scheme)];
      await until(waiting, 2);
      expect(await release(held)).toEqual({ released: true });
      for (const { heard } of followers) await expect(heard).resolves.toBe("released");
    },
  );

  test("hears nothing while the leader renews", async () => {
    const { store, attempt, token } = await leader("renewed");
    const hints: string[] = [];
    const heard = new Promise((resolve) => {
      open().watch("renewed", (hint) => resolve(hints.push(hint)));
    });
    await until(waiting, 1);
    expect(await store.renew(renewRequest(attempt, token))).toEqual({ renewed: true });
    expect(await waiting()).toBe(1);
    expect(hints).toEqual([]);
    await release({ store, attempt });
    await heard;
    expect(hints).toEqual(["released"]);
  });

  test("hears when the connections of the leader are lost", async () => {
    await leader("lost");
    const { heard } = follower("lost");
    await until(waiting, 1);
    const rows = await server.query(
      "SELECT ID FROM information_schema.processlist WHERE ID <> CONNECTION_ID() AND COMMAND = 'Sleep'",
    );
    for (const { ID } of rows) await kill(ID);
    await expect(heard).resolves.toBe("released");
  });

  test("that is elected rings for the next one", async () => {
    const first = await leader("in turn");
    const second = follower("in turn");
    const third = follower("in turn");
    await until(waiting, 2);
    await release(first);
    await Promise.all([second.heard, third.heard]);
    const attempt = acquireRequest("in turn", { ttl: 60_000 });
    expect(await second.store.acquire(attempt)).toMatchObject({ granted: true });
    const last = follower("in turn");
    await until(waiting, 1);
    await release({ store: second.store, attempt });
    await expect(last.heard).resolves.toBe("released");
  });
});

test("candidates of the store that releases hear of it, with a bell or without", async () => {
  for (const bells of [0, 1]) {
    const store = open({ bells });
    const heard = new Promise((resolve) => store.watch("own", resolve));
    const attempt = acquireRequest("own", { ttl: 60_000 });
    expect(await store.acquire(attempt)).toMatchObject({ granted: true });
    await release({ store, attempt });
    await expect(heard).resolves.toBe("released");
  }
});

describe("the connections for bells", () => {
  test("are one for a store, however many elections it watches, and go on to another of them", async () => {
    await until(connected, 0);
    const leaders = [await leader("first"), await leader("second")];
    const store = open();
    const unwatch = store.watch("first", () => {});
    const heard = new Promise((resolve) => store.watch("second", resolve));
    await until(waiting, 1);
    // Two for each leader.
    await until(connected, 5);
    unwatch();
    await until(waiting, 1);
    for (const each of leaders) await release(each);
    await expect(heard).resolves.toBe("released");
  });

  test("are as many as the option bells allows", async () => {
    const keys = ["a", "b", "c"];
    const leaders = await Promise.all(keys.map((key) => leader(key)));
    const store = open({ bells: 3 });
    const heard = keys.map((key) => new Promise((resolve) => store.watch(key, resolve)));
    await until(waiting, 3);
    for (const each of leaders) await release(each);
    expect(await Promise.all(heard)).toEqual(["released", "released", "released"]);
  });

  test("are none with bells: 0, and none after close()", async () => {
    await until(connected, 0);
    const silent = open({ bells: 0 });
    silent.watch("silent", () => {});
    await silent.acquire(acquireRequest("silent"));
    await until(connected, 1);
    const { store } = follower("silent");
    await until(connected, 2);
    await store.close();
    await silent.close();
    await until(connected, 0);
  });

  test.each([-1, 1.5, 1001, "1"])("cannot be %s", (bells) => {
    // As a caller without types.
    const options = { bells } as MysqlStoreOptions;
    expect(() => new MysqlStore(server.url, options)).toThrow(
      expect.objectContaining({
        code: "INCUMBENT_INVALID_OPTION",
        message: expect.stringMatching(/bells.*whole number from 0 to 1000/),
      }),
    );
  });
});
