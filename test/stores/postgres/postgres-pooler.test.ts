import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type PgBouncer, startPgBouncer } from "../../support/pgbouncer.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { Stores, win } from "./postgres-stage.ts";

let postgres: PostgresServer;
let pooler: PgBouncer;
const stores = new Stores();

beforeAll(async () => {
  postgres = await startPostgres();
  pooler = await startPgBouncer(postgres.port);
  await win(stores.open(postgres.url), "first", { ttl: 100 });
  await postgres.settle();
});
afterEach(() => stores.close());
afterAll(async () => {
  await pooler.stop();
  await postgres.stop();
});

describe("behind PgBouncer in transaction mode", () => {
  test("candidates elect one leader, which renews and leaves", async () => {
    const all = Array.from({ length: 8 }, () => stores.open(pooler.url));
    for (let round = 0; round < 5; round += 1) {
      const attempts = all.map((store) => ({ store, asked: acquireRequest("pooled") }));
      const replies = await Promise.all(attempts.map(({ store, asked }) => store.acquire(asked)));
      const at = replies.findIndex(({ granted }) => granted);
      expect(replies.filter(({ granted }) => granted)).toHaveLength(1);
      const reply = replies[at];
      const winner = attempts[at];
      if (reply?.granted !== true || winner === undefined) throw new Error("no winner");
      const { store, asked } = winner;
      expect(await store.renew(renewRequest(asked, reply.token))).toEqual({ renewed: true });
      const { nonce } = asked;
      expect(await store.release({ ...request("pooled"), nonce })).toEqual({ released: true });
    }
  });

  test("a release is noticed by looking, and said so once", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    try {
      const [leading, waiting] = [stores.open(postgres.url), stores.open(pooler.url)];
      const { asked } = await win(leading, "looked at", { ttl: 60_000 });
      const hints: string[] = [];
      waiting.watch("looked at", (hint) => hints.push(hint));
      await waiting.read(request("looked at"));
      await leading.release({ ...request("looked at"), nonce: asked.nonce });
      await expect.poll(() => hints).toContain("released");
      const ours = warnings.filter(
        (warning) => "code" in warning && warning.code === "INCUMBENT_POLLING",
      );
      expect(ours.length).toBeLessThanOrEqual(1);
    } finally {
      process.off("warning", onWarning);
    }
  });

  test("notifications come over listenUrl", async () => {
    const leading = stores.open(postgres.url);
    const { asked } = await win(leading, "heard", { ttl: 60_000 });
    const waiting = stores.open(pooler.url, { listenUrl: postgres.url });
    const hints: string[] = [];
    waiting.watch("heard", (hint) => hints.push(hint));
    await waiting.read(request("heard"));
    // The first says that it listens now.
    await expect.poll(() => hints).toEqual(["released"]);
    await leading.release({ ...request("heard"), nonce: asked.nonce });
    await expect.poll(() => hints).toEqual(["released", "released"]);
  });
});

test("a connection that comes to lead through a pooler goes on without named statements", async () => {
  const proxy = await startProxy(postgres.port);
  try {
    const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
    const store = stores.open(url);
    const { asked, token } = await win(store, "moved", { ttl: 60_000 });
    proxy.target = Number(new URL(pooler.url).port);
    proxy.cut();
    for (let round = 0; round < 10; round += 1) {
      const renewal = await store.renew(renewRequest(asked, token)).catch(() => "lost");
      if (round > 0) expect(renewal).toEqual({ renewed: true });
    }
  } finally {
    await stores.close();
    await proxy.close();
  }
});
