import { afterAll, beforeAll, expect, test } from "vitest";
import { statementsOf } from "../../../src/stores/postgres/postgres-statements.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { tablesOf } from "../../../src/stores/postgres/postgres-tables.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

let server: PostgresServer;
let store: PostgresStore;

beforeAll(async () => {
  server = await startPostgres();
  store = new PostgresStore(server.url, { restartGuard: false });
  await store.acquire(acquireRequest("settled"));
});

afterAll(async () => {
  await store.close();
  await server.stop();
});

test("renewals of many elections do not make their table grow", async () => {
  const leases = await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      const asked = acquireRequest(`grows-${at}`, { ttl: 60_000, metadata: "m".repeat(40) });
      return { asked, reply: await store.acquire(asked) };
    }),
  );
  const pages = async () => {
    const [row] = await server.query("SELECT pg_relation_size('incumbent_elections') / 8192 AS n");
    return Number(row?.["n"]);
  };
  const renewAll = () =>
    Promise.all(
      leases.map(({ asked, reply }) => {
        if (!reply.granted) throw new Error(`not elected: ${reply.reason}`);
        return store.renew(renewRequest(asked, reply.token));
      }),
    );
  await renewAll();
  const before = await pages();
  for (let round = 0; round < 15; round += 1) await renewAll();
  expect(await pages()).toBeLessThan(before * 2);
});

test.each(["acquire", "renew", "release", "read"] as const)(
  "%s finds one election of thousands by its index",
  async (name) => {
    const tables = tablesOf({ schema: undefined, table: "incumbent_elections" });
    await server.query(`INSERT INTO ${tables.elections} (key, run, waits_until, floor)
      SELECT 'many' || n, '', 0, 0 FROM generate_series(1, 5000) n ON CONFLICT DO NOTHING`);
    await server.query(`INSERT INTO ${tables.fences} (key, token)
      SELECT 'many' || n, 0 FROM generate_series(1, 5000) n ON CONFLICT DO NOTHING`);
    const isForLease = name === "acquire" || name === "renew";
    const plan = await server.query(`SET plan_cache_mode = force_generic_plan;
      PREPARE asked (text${isForLease ? ", text" : ""}) AS ${statementsOf(tables, true)[name]};
      EXPLAIN EXECUTE asked ('[]'${isForLease ? ", ''" : ""})`);
    const lines = plan.map((row) => String(row["QUERY PLAN"]));
    expect(lines.filter((line) => line.includes("Index Scan"))).not.toEqual([]);
    expect(lines.filter((line) => line.includes("Seq Scan"))).toEqual([]);
  },
);

test("a release waits for no standby, and an election does", async () => {
  const request = acquireRequest("released");
  expect(await store.acquire(request)).toMatchObject({ granted: true });
  await server.query("CREATE TABLE written (line text)");
  await server.query("ALTER SYSTEM SET synchronous_standby_names = 'away'");
  await server.query("SELECT pg_reload_conf()");
  try {
    await commitsWait();
    // A commit that waits for the standby is never confirmed.
    expect(await store.release(request)).toEqual({ released: true });
    const gaveUp = new AbortController();
    const elected = store.acquire(acquireRequest("released", { signal: gaveUp.signal }));
    await expect.poll(waitingCommits).toHaveLength(2);
    gaveUp.abort();
    await expect(elected).rejects.toMatchObject({ applied: "maybe" });
  } finally {
    await server.query("ALTER SYSTEM RESET synchronous_standby_names");
    await server.query("SELECT pg_reload_conf()");
  }
});

function waitingCommits() {
  return server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
}

/** The server reads its settings some time after it was asked to. Resolves when one commit waits for the standby. */
async function commitsWait(): Promise<void> {
  const isConfirmed = async () => {
    let isOver = false;
    const commit = server.query("INSERT INTO written VALUES ('awaited')").then(() => {
      isOver = true;
    });
    commit.catch(() => {});
    await expect.poll(async () => isOver || (await waitingCommits()).length > 0).toBe(true);
    return isOver;
  };
  await expect.poll(isConfirmed).toBe(false);
}
