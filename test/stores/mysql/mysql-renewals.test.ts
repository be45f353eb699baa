import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AcquireRequest, RenewReply } from "../../../src/stores/lease-store.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";
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

interface Lease {
  readonly request: AcquireRequest;
  readonly token: number;
}

let count = 0;
let leases: Lease[] = [];
beforeEach(async () => {
  count += 1;
  const requests = Array.from({ length: 150 }, (_, at) =>
    acquireRequest(`election-${count}-${at}`, { ttl: 60_000, metadata: `${at}` }),
  );
  leases = await Promise.all(
    requests.map(async (request) => {
      const reply = await store.acquire(request);
      if (!reply.granted) throw new Error(`not elected: ${reply.reason}`);
      return { request, token: reply.token };
    }),
  );
});

const renewed: RenewReply = { renewed: true };

function renewAll(fields: Partial<AcquireRequest> = {}): Promise<RenewReply[]> {
  return Promise.all(
    leases.map(({ request, token }) => store.renew(renewRequest({ ...request, ...fields }, token))),
  );
}

/** How many statements have renewed several leases, and how many one. */
async function statements(): Promise<readonly number[]> {
  const rows = await server.query(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_update', 'Com_update_multi')",
  );
  return rows.map(({ Value }) => Number(Value)).reverse();
}

test("the renewals of a process travel together", async () => {
  const [many = 0, one = 0] = await statements();
  expect(await renewAll({ nodeId: "other node" })).toEqual(leases.map(() => renewed));
  expect(await statements()).toEqual([many + 2, one]);
  const [row] = await server.query(
    `SELECT COUNT(DISTINCT node_id, metadata, nonce) AS kept FROM incumbent_elections WHERE \`key\` LIKE 'election-${count}-%' AND node_id = 'other node'`,
  );
  expect(row).toEqual({ kept: 150 });
});

test("each of them is judged for itself", async () => {
  const lost = leases[7];
  if (lost === undefined) throw new TypeError("there are 150");
  await store.release({ ...lost.request, notAfter: performance.now() + 10_000 });
  const expected = leases.map((lease) =>
    lease === lost ? { renewed: false, reason: "superseded" } : renewed,
  );
  expect(await renewAll()).toEqual(expected);
});

test("a row that another transaction has locked costs its own election alone", async () => {
  const locked = leases[11];
  if (locked === undefined) throw new TypeError("there are 150");
  const stranger = await createConnection(server.url);
  try {
    await stranger.query("BEGIN");
    const row = "SELECT * FROM incumbent_elections WHERE `key` = ? FOR UPDATE";
    await stranger.query(row, [locked.request.key]);
    const others = leases.filter((lease) => lease !== locked);
    const renew = ({ request, token }: Lease) => store.renew(renewRequest(request, token));
    const held = renew(locked);
    expect(await Promise.all(others.map(renew))).toEqual(others.map(() => renewed));
    // It waits alone from now on.
    const [many = 0, one = 0] = await statements();
    expect(await Promise.all(others.map(renew))).toEqual(others.map(() => renewed));
    const [manyThen = 0, oneThen = 0] = await statements();
    expect(manyThen).toBe(many + 2);
    expect(oneThen - one).toBeLessThan(20);
    await stranger.query("COMMIT");
    expect(await held).toEqual(renewed);
  } finally {
    stranger.destroy();
  }
});
