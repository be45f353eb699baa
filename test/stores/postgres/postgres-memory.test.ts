import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type PostgresServer, startPostgres, startStandby } from "../../support/postgres-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { Stores, win } from "./postgres-stage.ts";

let postgres: PostgresServer;
const stores = new Stores();

beforeAll(async () => {
  postgres = await startPostgres();
  await win(stores.open(postgres.url), "first", { ttl: 100 });
  await postgres.settle();
});
afterEach(() => stores.close());
afterAll(() => postgres.stop());

const inQuarantine = { granted: false, reason: "quarantine" };
const TTL = 3000;

/** What becomes of an election after `lose`: a rival waits, and the leader restores its lease. */
async function expectGuarded(lose: () => Promise<unknown>, url = () => postgres.url) {
  const key = `job ${Math.random()}`;
  const store = stores.open(url());
  const { asked, token } = await win(store, key, { ttl: TTL });
  await lose();
  const survivor = stores.open(url());
  expect(await survivor.acquire(acquireRequest(key, { ttl: TTL }))).toMatchObject({
    granted: false,
    reason: expect.stringMatching(/^(held|quarantine)$/),
  });
  await expect
    .poll(() => survivor.renew(renewRequest(asked, token)).catch(() => "again"))
    .toEqual({
      renewed: true,
    });
  expect(await survivor.read(request(key))).toMatchObject({ token });
  expect(await fence(postgres, key)).toBe(token);
  // The restored lease ends neither the quarantine nor the floor of the tokens.
  await survivor.release({ ...request(key), nonce: asked.nonce });
  expect(await survivor.acquire(acquireRequest(key, { ttl: TTL }))).toMatchObject(inQuarantine);
  await postgres.settle();
  expect((await win(survivor, key)).token).toBeGreaterThan(token);
}

async function fence(server: PostgresServer, key: string): Promise<number> {
  const [row] = await server.query("SELECT token FROM incumbent_elections_fences WHERE key = $1", [
    key,
  ]);
  return Number(row?.["token"]);
}

describe("a PostgreSQL server that may have forgotten a lease: a rival waits, and the leader stays", () => {
  test("after a crash", async () => {
    await expectGuarded(async () => {
      await postgres.kill();
      await postgres.start();
    });
  });

  test("after its files were put back to a moment before the term", async () => {
    const copy = `${postgres.data}.copy`;
    await postgres.kill();
    execFileSync("cp", ["-a", postgres.data, copy]);
    await postgres.start();
    await postgres.settle();
    await expectGuarded(async () => {
      await postgres.kill();
      execFileSync("rm", ["-rf", postgres.data]);
      execFileSync("mv", [copy, postgres.data]);
      await postgres.start();
    });
  });

  test.each(["elections", "elections_fences"])("after TRUNCATE incumbent_%s", async (table) => {
    await expectGuarded(() => postgres.query(`TRUNCATE incumbent_${table}`));
  });

  test("after VACUUM FULL", async () => {
    await expectGuarded(() => postgres.query("VACUUM FULL incumbent_elections"));
  });

  test("after DROP TABLE", async () => {
    await expectGuarded(() =>
      postgres.query(
        "DROP TABLE incumbent_elections, incumbent_elections_fences, incumbent_elections_server",
      ),
    );
  });

  test("after a standby was promoted that never heard of the term", async () => {
    const store = stores.open(postgres.url);
    await win(store, "known to both", { ttl: 100 });
    const primary = postgres;
    const link = await startProxy(primary.port);
    const url = primary.url.replace(`:${primary.port}`, `:${link.port}`);
    const standby = await startStandby(primary, { url });
    link.mode = "swallow";
    const count = async (server: PostgresServer) =>
      (await server.query("SELECT FROM incumbent_elections")).length;
    try {
      await expectGuarded(
        async () => {
          const known = await count(primary);
          await primary.kill();
          await standby.query("SELECT pg_promote()");
          expect(await count(standby)).toBe(known - 1);
          postgres = standby;
        },
        () => postgres.url,
      );
    } finally {
      postgres = primary;
      await link.close();
      await standby.stop();
      await primary.start();
    }
  });
});

test("on a server that has kept running while a proxy led to another one, who was there waits", async () => {
  const [other, proxy] = [await startPostgres(), await startProxy(postgres.port)];
  onTestFinished(async () => {
    await proxy.close();
    await other.stop();
  });
  const key = "led astray";
  const ask = () => store.acquire(acquireRequest(key, { ttl: 300 })).catch(() => "again");
  const store = stores.open(other.url.replace(`:${other.port}`, `:${proxy.port}`));
  const first = await win(store, key, { ttl: 300 });
  await store.release({ ...request(key), nonce: first.asked.nonce });
  const elsewhere = stores.open(other.url);
  await win(elsewhere, "first", { ttl: 100 });
  await other.settle();
  await win(elsewhere, key, { ttl: 60_000 });

  proxy.target = other.port;
  proxy.cut();
  await expect.poll(ask).toMatchObject({ granted: false, reason: "held" });
  proxy.target = postgres.port;
  proxy.cut();
  const answers: unknown[] = [];
  await expect.poll(async () => answers[answers.push(await ask()) - 1]).toMatchObject(inQuarantine);
  expect(answers).not.toContainEqual(expect.objectContaining({ granted: true }));
  // The lease on the other one is not known here: it would have ended by then.
  await expect.poll(ask).toMatchObject({ granted: true });
});

describe("a PostgreSQL server that has forgotten nothing", () => {
  test("grants the lease of a new election at once", async () => {
    const store = stores.open(postgres.url);
    await win(store, "settled", { ttl: 100 });
    await postgres.settle();
    expect(await store.acquire(acquireRequest("brand-new"))).toMatchObject({ granted: true });
  });

  test("grants a lease at once whose row was deleted by hand", async () => {
    const store = stores.open(postgres.url);
    await win(store, "deleted", { ttl: TTL });
    await postgres.settle();
    await postgres.query("DELETE FROM incumbent_elections WHERE key = 'deleted'");
    expect(await store.acquire(acquireRequest("deleted"))).toMatchObject({ granted: true });
  });
});

test("without the restart guard, nothing is waited for", async () => {
  const store = stores.open(postgres.url, { restartGuard: false, table: "unguarded" });
  expect(await store.acquire(acquireRequest("job"))).toMatchObject({ granted: true });
  await postgres.query("TRUNCATE unguarded, unguarded_fences");
  expect(await store.acquire(acquireRequest("job"))).toMatchObject({ granted: true });
});

test("a lease does not outlast its ttl because the clock of the server was set back", async () => {
  const store = stores.open(postgres.url);
  await win(store, "back", { ttl: 200 });
  await postgres.settle();
  await postgres.query("UPDATE incumbent_elections SET ends_at = ends_at + 3600000000");
  const reply = await store.acquire(acquireRequest("back", { ttl: 200 }));
  if (reply.granted) throw new Error("granted while it was held");
  expect(reply.retryIn).toBeLessThanOrEqual(200);
});

test("a lease that is ended by hand has a successor with a larger token", async () => {
  const key = "ended by hand";
  const [store, other] = [stores.open(postgres.url), stores.open(postgres.url)];
  const { asked, token } = await win(store, key, { ttl: TTL });
  await postgres.query(
    `UPDATE incumbent_elections SET nonce = '', ends_at = 0 WHERE key = '${key}'`,
  );
  expect((await win(other, key)).token).toBeGreaterThan(token);
  expect(await store.renew(renewRequest(asked, token))).toMatchObject({ reason: "superseded" });
});
