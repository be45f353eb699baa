import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { settle } from "./settle.ts";

const TTL = 3000;

let server: MysqlServer;
let key = "";
let count = 0;

beforeAll(async () => {
  server = await startMysql();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  await settle(server);
  count += 1;
  key = `election-${count}`;
});

const ELECTIONS = "incumbent_elections";

/** What makes a server forget: by restart, by hand, or by a copy of its files. */
const losses: Readonly<Record<string, (leader: () => Promise<unknown>) => Promise<unknown>>> = {
  "a crash": async (leader) => {
    await leader();
    await server.kill();
    await server.start();
  },
  "its files put back to what they were": async (leader) => {
    const copy = join(server.dir, "copy");
    await server.kill();
    copyFiles(join(server.dir, "data"), copy);
    await server.start();
    await leader();
    await untilNextSecond();
    await server.kill();
    copyFiles(copy, join(server.dir, "data"));
    await server.start();
  },
  "TRUNCATE of the elections": async (leader) => {
    await leader();
    await server.query(`TRUNCATE ${ELECTIONS}`);
  },
  "tables that were dropped": async (leader) => {
    await leader();
    await server.query(`DROP TABLE ${ELECTIONS}, ${ELECTIONS}_fences`);
  },
  "a dump that was read in again": async (leader) => {
    await server.query(`CREATE TABLE copy AS SELECT * FROM ${ELECTIONS}`);
    await leader();
    await untilNextSecond();
    await server.query(
      `CREATE TABLE restored LIKE ${ELECTIONS}; INSERT INTO restored SELECT * FROM copy;
       DROP TABLE copy, ${ELECTIONS}; RENAME TABLE restored TO ${ELECTIONS}`,
    );
  },
};

/** The start of a server and the creation of a table, by which they are known, have whole seconds. */
async function untilNextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1100));
}

function copyFiles(from: string, to: string): void {
  execFileSync("rm", ["-rf", to]);
  execFileSync("cp", ["-a", from, to]);
}

/** A leader that trusts its lease, and what it is renewed with. */
async function lead(store: MysqlStore): Promise<{ wish: AcquireRequest; token: number }> {
  const wish = acquireRequest(key, { ttl: TTL });
  for (;;) {
    const reply = await store.acquire({ ...wish, notAfter: performance.now() + 10_000 });
    if (reply.granted) return { wish, token: reply.token };
    expect(reply.reason).toBe("quarantine");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.each(Object.keys(losses))("after %s", (name) => {
  test("no candidate is elected while an earlier leader may trust its lease, which it restores", async () => {
    const store = new MysqlStore(server.url);
    let leader: Awaited<ReturnType<typeof lead>> | undefined;
    await losses[name]?.(async () => {
      leader = await lead(store);
    });
    const candidate = acquireRequest(key, { ttl: TTL, nodeId: "candidate" });
    const refused = await untilReached(() => store.acquire(candidate));
    expect(refused.granted).toBe(false);
    if (leader === undefined) throw new Error("there was no leader");
    const { wish, token } = leader;
    const renewal = renewRequest(wish, token, { ttl: 60_000 });
    expect(await store.renew(renewal)).toEqual({ renewed: true });
    expect(await store.read(request(key))).toMatchObject({ nodeId: "node", token });
    const again = await store.acquire(acquireRequest(key, { ttl: TTL }));
    expect(again).toMatchObject({ granted: false, reason: "held" });
    expect(await store.release(wish)).toEqual({ released: true });
    await store.close();
  });
});

test("after a loss, a candidate is elected when one ttl is over, with a larger token", async () => {
  const store = new MysqlStore(server.url);
  const { token } = await lead(store);
  await server.query(`TRUNCATE ${ELECTIONS}; TRUNCATE ${ELECTIONS}_fences`);
  const began = performance.now();
  const next = await lead(store);
  expect(performance.now() - began).toBeGreaterThan(TTL - 50);
  expect(next.token).toBeGreaterThan(token);
  await store.close();
});

test.each(["ends_at", "waits_until"])(
  "after the clock was set back, no candidate waits for more than one ttl (%s)",
  async (column) => {
    const store = new MysqlStore(server.url);
    await store.acquire(acquireRequest(key, { ttl: 1000 }));
    // As if it had been written by a clock that was an hour ahead.
    await server.query(`UPDATE ${ELECTIONS} SET ${column} = ${column} + 3600e6 WHERE \`key\` = '${key}'
      AND ${column} > 0`);
    const candidate = acquireRequest(key, { ttl: 1000 });
    const { retryIn = 0 } = { retryIn: 0, ...(await store.acquire(candidate)) };
    expect(retryIn).toBeLessThanOrEqual(1000);
    await expect
      .poll(() => store.acquire(acquireRequest(key, { ttl: 1000 })))
      .toMatchObject({ granted: true });
    await store.close();
  },
);

test("after a loss and a clock that was set back, tokens still grow", async () => {
  const store = new MysqlStore(server.url);
  // As if a clock that was an hour ahead had noted the loss: tokens up to then may have been forgotten.
  await store.acquire(acquireRequest(key, { ttl: 1 }));
  const floor = (Date.now() + 3_600_000) * 1000;
  await server.query(`UPDATE ${ELECTIONS} SET floor = ${floor} WHERE \`key\` = '${key}'`);
  expect((await lead(store)).token).toBeGreaterThan(floor);
  await store.close();
});

test("without the guard, a candidate is elected at once", async () => {
  const store = new MysqlStore(server.url, { restartGuard: false });
  const first = await store.acquire(acquireRequest(key, { ttl: 60_000 }));
  expect(first.granted).toBe(true);
  await server.query(`TRUNCATE ${ELECTIONS}`);
  const next = await store.acquire(acquireRequest(key, { ttl: 60_000 }));
  expect(next.granted).toBe(true);
  await store.close();
});

/** A request that finds a connection of before the restart only learns that it is gone. */
async function untilReached<Reply>(ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch {
    return await ask();
  }
}
