import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { AcquireReply, RenewReply } from "../../../src/stores/lease-store.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { Stores, win } from "./postgres-stage.ts";

let postgres: PostgresServer;
let stranger: pg.Client;
const stores = new Stores();

beforeAll(async () => {
  postgres = await startPostgres();
  await win(stores.open(postgres.url), "first", { ttl: 100 });
  await postgres.settle();
});
beforeEach(async () => {
  stranger = new pg.Client({ connectionString: postgres.url });
  await stranger.connect();
});
afterEach(async () => {
  await stranger.end();
  await stores.close();
});
afterAll(() => postgres.stop());

const soon = (ms: number) => performance.now() + ms;

/** On a busy machine the request is late before it is asked again, and the lock is not what it fails by. */
async function outcomeOf(asked: Promise<AcquireReply | RenewReply>): Promise<string> {
  try {
    const reply = await asked;
    return "reason" in reply && reply.reason === "late" ? "not applied" : JSON.stringify(reply);
  } catch (error) {
    const isRefusal = error instanceof StoreError && error.code === "INCUMBENT_STORE_REFUSED";
    return isRefusal && error.applied === "no" ? "not applied" : String(error);
  }
}

async function rowOf(key: string) {
  const [row] = await postgres.query(
    "SELECT nonce, token, ends_at FROM incumbent_elections WHERE key = $1",
    [key],
  );
  return row;
}

describe.each(["COMMIT", "ROLLBACK"])("a row that a stranger keeps locked until %s", (end) => {
  const lock = (key: string) =>
    stranger.query("SELECT FROM incumbent_elections WHERE key = $1 FOR UPDATE", [key]);

  test("is not acquired after the not-after", async () => {
    const store = stores.open(postgres.url);
    const { asked } = await win(store, "acquired", { ttl: 5000 });
    await store.release({ ...request("acquired"), nonce: asked.nonce });
    const before = await rowOf("acquired");
    await stranger.query("BEGIN");
    await lock("acquired");
    const attempt = acquireRequest("acquired", { notAfter: soon(300) });
    expect(await outcomeOf(store.acquire(attempt))).toBe("not applied");
    await stranger.query(end);
    expect(await rowOf("acquired")).toEqual(before);
  });

  test("is not renewed after the not-after, and renewed before it", async () => {
    const store = stores.open(postgres.url);
    const { asked, token } = await win(store, `renewed ${end}`, { ttl: 60_000 });
    const before = await rowOf(`renewed ${end}`);
    await stranger.query("BEGIN");
    await lock(`renewed ${end}`);
    const late = renewRequest(asked, token, { notAfter: soon(300) });
    expect(await outcomeOf(store.renew(late))).toBe("not applied");
    expect(await rowOf(`renewed ${end}`)).toEqual(before);
    const patient = store.renew(renewRequest(asked, token));
    await stranger.query(end);
    expect(await patient).toEqual({ renewed: true });
  });

  test("does not hold up the other elections of the process", async () => {
    const store = stores.open(postgres.url);
    const held = await win(store, `locked ${end}`, { ttl: 60_000 });
    const free = await win(store, `free ${end}`, { ttl: 60_000 });
    await stranger.query("BEGIN");
    await lock(`locked ${end}`);
    const locked = store.renew(renewRequest(held.asked, held.token));
    const others = [];
    for (let round = 0; round < 10; round += 1) {
      others.push(await store.renew(renewRequest(free.asked, free.token)));
    }
    expect(others).toEqual(Array(10).fill({ renewed: true }));
    await stranger.query(end);
    expect(await locked).toEqual({ renewed: true });
  });
});

describe("a transaction that shares the lock on the fence of a term", () => {
  const fence = (key: string) =>
    stranger.query("SELECT token FROM incumbent_elections_fences WHERE key = $1 FOR SHARE", [key]);

  test("does not delay the renewals of the leader, also while a rival asks", async () => {
    const store = stores.open(postgres.url);
    const { asked, token } = await win(store, "office", { ttl: 60_000 });
    await stranger.query("BEGIN");
    await fence("office");
    // As after a loss of the lease: the rival finds it free.
    await postgres.query("UPDATE incumbent_elections SET ends_at = 1 WHERE key = 'office'");
    const rival = store.acquire(acquireRequest("office", { notAfter: soon(400) }));
    rival.catch(() => {});
    await postgres.query(
      "UPDATE incumbent_elections SET ends_at = 9e15::bigint - 1, ttl = 9e15::bigint WHERE key = 'office'",
    );
    expect(await store.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    await stranger.query("COMMIT");
  });

  test("keeps a successor out until it ends, and then no longer", async () => {
    const store = stores.open(postgres.url);
    const { token } = await win(store, "successor", { ttl: 100 });
    await stranger.query("BEGIN");
    await fence("successor");
    await postgres.query("UPDATE incumbent_elections SET ends_at = 1 WHERE key = 'successor'");
    const attempt = acquireRequest("successor", { notAfter: soon(300) });
    expect(await outcomeOf(store.acquire(attempt))).toBe("not applied");
    const patient = store.acquire(acquireRequest("successor"));
    await stranger.query("COMMIT");
    const reply = await patient;
    if (!reply.granted) throw new Error("not granted after the transaction");
    expect(reply.token).toBeGreaterThan(token);
    const rows = await postgres.query(
      "SELECT token FROM incumbent_elections_fences WHERE key = 'successor'",
    );
    expect(rows).toEqual([{ token: String(reply.token) }]);
  });
});

describe("a release while the lease is being committed", () => {
  test("waits for an acquire that was decided, and frees it", async () => {
    const store = stores.open(postgres.url);
    await win(store, "overtaken", { ttl: 1 });
    // The lease of the attempt that is given back: decided, and not visible before the COMMIT.
    const { nonce } = acquireRequest("overtaken");
    await stranger.query("BEGIN");
    await stranger.query(
      "UPDATE incumbent_elections SET nonce = $1, ends_at = 9e15::bigint, ttl = 9e15::bigint WHERE key = 'overtaken'",
      [nonce],
    );
    const released = store.release({ ...request("overtaken"), nonce });
    // It travels behind the first release of the same store.
    expect(await store.release({ ...request("never held"), nonce })).toEqual({ released: false });
    await stranger.query("COMMIT");
    expect(await released).toEqual({ released: true });
  });

  test("waits for a renewal of a lease that would have ended", async () => {
    const store = stores.open(postgres.url);
    const { asked } = await win(store, "prolonged", { ttl: 1 });
    await stranger.query("BEGIN");
    await stranger.query(
      "UPDATE incumbent_elections SET ends_at = 9e15::bigint, ttl = 9e15::bigint WHERE key = 'prolonged'",
    );
    const { nonce } = asked;
    const released = store.release({ ...request("prolonged"), nonce });
    expect(await store.release({ ...request("never held"), nonce })).toEqual({ released: false });
    await stranger.query("COMMIT");
    expect(await released).toEqual({ released: true });
  });
});

test("a lock that is held for too long is what a request fails by", async () => {
  const store = stores.open(postgres.url);
  const { asked, token } = await win(store, "locked", { ttl: 60_000 });
  await stranger.query("BEGIN");
  await stranger.query("SELECT FROM incumbent_elections WHERE key = 'locked' FOR UPDATE");
  await expect(
    store.renew(renewRequest(asked, token, { notAfter: soon(3000) })),
  ).rejects.toMatchObject({
    ...{ code: "INCUMBENT_STORE_REFUSED", applied: "no" },
    message: expect.stringContaining('keeps the row of "locked" locked'),
  });
  await stranger.query("COMMIT");
});

test("of 50 candidates that ask at once, one wins, round after round", async () => {
  const all = Array.from({ length: 50 }, () => stores.open(postgres.url));
  // A few at a time: a busy machine takes long to start 50 processes of the server.
  for (let at = 0; at < all.length; at += 10) {
    await Promise.all(all.slice(at, at + 10).map((store) => store.read(request("crowd"))));
  }
  let last = 0;
  for (let round = 0; round < 10; round += 1) {
    const attempts = all.map(() => acquireRequest("crowd", { ttl: 60_000 }));
    const replies = await Promise.all(
      all.map((store, at) => {
        const attempt = attempts[at];
        if (attempt === undefined) throw new Error("no attempt");
        return store.acquire(attempt);
      }),
    );
    const winners = replies.flatMap((reply, at) => (reply.granted ? [{ reply, at }] : []));
    expect(winners).toHaveLength(1);
    const [{ reply, at } = { reply: undefined, at: 0 }] = winners;
    expect(reply?.token).toBeGreaterThan(last);
    last = reply?.token ?? 0;
    const nonce = attempts[at]?.nonce ?? "";
    expect(await all[at]?.release({ ...request("crowd"), nonce })).toEqual({ released: true });
  }
});

test("a default isolation that makes transactions fail is not noticed", async () => {
  await postgres.query(
    "ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'",
  );
  try {
    const all = Array.from({ length: 10 }, () => stores.open(postgres.url));
    const replies = await Promise.all(all.map((store) => store.acquire(acquireRequest("serial"))));
    expect(replies.filter(({ granted }) => granted)).toHaveLength(1);
  } finally {
    await postgres.query("ALTER DATABASE postgres RESET default_transaction_isolation");
  }
});
