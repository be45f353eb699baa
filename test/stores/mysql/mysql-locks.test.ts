import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AcquireReply, AcquireRequest } from "../../../src/stores/lease-store.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { isMariadb, startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { settle } from "./settle.ts";

let server: MysqlServer;
let store: MysqlStore;

beforeAll(async () => {
  server = await startMysql();
  await settle(server);
  store = new MysqlStore(server.url);
}, 60_000);
afterAll(async () => {
  await store.close();
  await server.stop();
});

let key = "";
let count = 0;
beforeEach(() => {
  count += 1;
  key = `election-${count}`;
});

const TABLES = ["incumbent_elections", "incumbent_elections_fences"] as const;

/** A transaction of a stranger that has locked the row of an election, and how to end it. */
async function lock(table: string) {
  const stranger = await createConnection(server.url);
  await stranger.query("BEGIN");
  await stranger.query(`SELECT * FROM ${table} WHERE \`key\` = ? FOR UPDATE`, [key]);
  return async (ending: string) => {
    await stranger.query(ending);
    await stranger.end();
  };
}

const WAITING = isMariadb
  ? "SELECT * FROM information_schema.innodb_lock_waits"
  : "SELECT * FROM performance_schema.data_lock_waits";

/**
 * How often to look for waiting statements, in ms: what that table shows is gathered anew only if it was not read for
 * 100 ms, so who looks more often sees the same for ever.
 */
const LOOK = 120;

/** Waits until a statement waits for a lock on a row. */
async function untilOneWaits(): Promise<void> {
  await expect.poll(() => server.query(WAITING), { interval: LOOK }).not.toHaveLength(0);
}

/**
 * Asks, with as much time as it takes until the statement waits for the lock, and returns the answer when the
 * not-after is over: on a loaded machine, a statement may need longer to get there than it has.
 */
async function askTooLate(ask: (notAfter: number) => Promise<unknown>) {
  for (let patience = 300; ; patience *= 2) {
    const notAfter = performance.now() + patience;
    let isAnswered = false;
    const answer = ask(notAfter)
      .catch((error: unknown) => error)
      .finally(() => {
        isAnswered = true;
      });
    while (!isAnswered) {
      if ((await server.query(WAITING)).length === 0) {
        await sleep(LOOK);
        continue;
      }
      await sleep(notAfter + 100 - performance.now());
      return { answer };
    }
  }
}

async function won(wish: AcquireRequest): Promise<number> {
  const reply: AcquireReply = await store.acquire(wish);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return reply.token;
}

describe.each(["COMMIT", "ROLLBACK"])("a row lock of a stranger that ends with %s", (ending) => {
  test.each(TABLES)("after the not-after lets no acquire through (%s)", async (table) => {
    const first = acquireRequest(key);
    await won(first);
    await store.release(first);
    const end = await lock(table);
    const { answer } = await askTooLate((notAfter) =>
      store.acquire(acquireRequest(key, { notAfter })),
    );
    await end(ending);
    expect(await answer).not.toMatchObject({ granted: true });
    expect(await store.read(request(key))).toBeUndefined();
  });

  test("after the not-after lets no renewal through", async () => {
    const leader = acquireRequest(key, { ttl: 60_000 });
    const token = await won(leader);
    const end = await lock("incumbent_elections");
    const { answer } = await askTooLate((notAfter) =>
      store.renew(renewRequest(leader, token, { ttl: 120_000, notAfter })),
    );
    await end(ending);
    expect(await answer).not.toMatchObject({ renewed: true });
    const { expiresIn = 0 } = (await store.read(request(key))) ?? {};
    expect(expiresIn).toBeLessThan(60_000);
  });

  test("in time lets the acquire through", async () => {
    const first = acquireRequest(key);
    await won(first);
    await store.release(first);
    const end = await lock("incumbent_elections_fences");
    const answer = store.acquire(acquireRequest(key));
    await untilOneWaits();
    await end(ending);
    expect(await answer).toMatchObject({ granted: true });
  });
});

test("a lock on the fence keeps no leader from renewing, and no candidate from its refusal", async () => {
  const leader = acquireRequest(key);
  const token = await won(leader);
  const end = await lock("incumbent_elections_fences");
  expect(await store.acquire(acquireRequest(key))).toMatchObject({ reason: "held" });
  expect(await store.renew(renewRequest(leader, token))).toEqual({ renewed: true });
  expect(await store.release(leader)).toEqual({ released: true });
  await end("ROLLBACK");
});

test("while a row is locked, other elections go over another connection", async () => {
  const other = acquireRequest(`${key}-other`, { ttl: 60_000 });
  const token = await won(other);
  const first = acquireRequest(key);
  await won(first);
  await store.release(first);
  const end = await lock("incumbent_elections_fences");
  const notAfter = performance.now() + 2500;
  const waits = store.acquire(acquireRequest(key, { notAfter })).catch(() => {});
  await untilOneWaits();
  const renewal = store.renew(renewRequest(other, token, { ttl: 60_000, notAfter }));
  expect(await renewal).toEqual({ renewed: true });
  const ours = "SELECT * FROM information_schema.processlist WHERE db = 'elections'";
  // Two of the store, that of the stranger, and the one that asks.
  expect(await server.query(ours)).toHaveLength(4);
  await end("ROLLBACK");
  await waits;
});

test("a fence keeps the token of the last term, and no renewal or release changes it", async () => {
  const fence = async () => {
    const rows = await server.query(
      `SELECT token FROM incumbent_elections_fences WHERE \`key\` = '${key}'`,
    );
    return rows[0]?.["token"];
  };
  const leader = acquireRequest(key);
  const token = await won(leader);
  expect(await fence()).toBe(token);
  await store.renew(renewRequest(leader, token));
  await store.release(leader);
  expect(await fence()).toBe(token);
  expect(await won(acquireRequest(key))).toBeGreaterThan(token);
});
