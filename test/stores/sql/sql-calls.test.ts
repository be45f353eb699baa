import { expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../src/elector/elector.ts";
import { Asked, type Question } from "../../../src/stores/connections/asked-request.ts";
import { CommandConnection } from "../../../src/stores/connections/command-connection.ts";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";
import { postgresKind } from "../../../src/stores/postgres/postgres-errors.ts";
import { type Dialect, SqlCalls } from "../../../src/stores/sql/sql-calls.ts";
import { sqlQuestions } from "../../../src/stores/sql/sql-questions.ts";
import type { SqlName, SqlReply, SqlRequest } from "../../../src/stores/sql/sql-request.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

/** What the server was asked, until the test answers it. */
interface Ask {
  readonly request: SqlRequest;
  /** The server that the question is for. */
  readonly run: string;
  answer(reply: SqlReply): void;
}

const clock = { now: () => 0 };
const on = (run: string) => ({ run, now: 1_770_000_000_000_000 });
const granted = { status: "granted", token: 7, since: 1_770_000_000_000_000 } as const;

/** Calls of which the test gives every answer, one request in each. */
function stage({ restartGuard = true } = {}) {
  const asks: Ask[] = [];
  const dialect: Dialect<string> = {
    roomFor: () => 1,
    ask: (_, [request], { run }) =>
      new Promise((resolve) => {
        if (request === undefined) throw new Error("nothing was asked");
        asks.push({ request, run, answer: (reply) => resolve([reply]) });
      }),
    adopt: async () => {},
    isPassing: async () => false,
  };
  const driver = { connect: async () => {}, send: async () => "", end: () => {} };
  const events = { ready: () => {}, heard: () => {}, over: () => {} };
  const line = new CommandConnection<string>(postgresKind, () => driver, clock, events);
  onTestFinished(() => line.end());
  const calls = new SqlCalls(postgresKind, dialect, { restartGuard, quarantine: undefined });
  const ask = <Answer>(question: Question<SqlName, SqlReply, Answer>): Promise<Answer> => {
    const asked = new Asked(postgresKind, question);
    const carryOut = async () => {
      for (let left: readonly SqlRequest[] = [asked]; left.length > 0; ) {
        left = await calls.carryOut(line, left);
      }
    };
    void carryOut();
    return asked.answer;
  };
  /** Answers what was asked last. */
  const answer = async (reply: SqlReply) => {
    asks.at(-1)?.answer(reply);
    await settle();
  };
  /** A renewal of another election is answered by this server. */
  const hear = async (run: string) => {
    void ask(sqlQuestions.renew(renewRequest(acquireRequest("another", { clock }), 1, { clock })));
    await answer({ status: "superseded", ...on(run) });
  };
  const acquire = () => ask(sqlQuestions.acquire(acquireRequest("key", { clock })));
  return { asks, ask, answer, hear, acquire };
}

/** An elector that has asked the server "a" for the lease, and waits for the answer. */
async function campaigning() {
  const { ask, ...rest } = stage();
  const store: LeaseStore = {
    traits: { name: "postgres", exclusion: "strict", tokens: "clock" },
    acquire: (request) => ask(sqlQuestions.acquire(request)),
    renew: (request) => ask(sqlQuestions.renew(request)),
    release: (request) => ask(sqlQuestions.release(request)),
    read: (request) => ask(sqlQuestions.read(request)),
    close: async () => {},
  };
  const around = { clock: new ManualClock(), jitter: () => 1, nonce: () => "the nonce" };
  const elector = new Elector(store, "key", { ttl: 1000 }, around);
  const gains: number[] = [];
  elector.onLeadershipChange((_, { token }) => void gains.push(token));
  const errors: unknown[] = [];
  elector.on("storeError", ({ error }) => errors.push(error));
  await elector.start();
  await settle();
  await rest.answer({ status: "server", ...on("a") });
  return { ...rest, elector, gains, errors };
}

test("a lease is given back if another server was heard from while it was granted", async () => {
  const { asks, hear, elector, gains, errors } = await campaigning();
  const acquire = asks.at(-1);
  await hear("b");
  acquire?.answer({ ...granted, ...on("a") });
  await settle();
  expect(elector.isLeader()).toBe(false);
  expect(gains).toEqual([]);
  expect(errors).toEqual([
    expect.objectContaining({
      code: "INCUMBENT_STORE_REFUSED",
      message: "Another PostgreSQL server was heard from during the request.",
      applied: "maybe",
    }),
  ]);
  expect(asks.at(-1)?.request).toMatchObject({ name: "release", fields: ["the nonce"] });
});

test("a refusal is an answer, also if another server was heard from meanwhile", async () => {
  const { asks, hear, elector, errors } = await campaigning();
  const acquire = asks.at(-1);
  await hear("b");
  const holder = { node: "n", token: 7, since: 0, left: 5000, ttl: 5000, metadata: "" };
  acquire?.answer({ status: "held", holder, ...on("a") });
  await settle();
  expect([errors, elector.status.leader?.nodeId]).toEqual([[], "n"]);
});

test("a lease is kept if the same server was heard from while it was granted", async () => {
  const { asks, hear, elector, gains } = await campaigning();
  const acquire = asks.at(-1);
  await hear("a");
  acquire?.answer({ ...granted, ...on("a") });
  await settle();
  expect(elector.isLeader()).toBe(true);
  expect(gains).toEqual([7]);
});

test("after another server was heard from, a request only looks who leads", async () => {
  const { asks, answer, hear, acquire } = stage();
  await hear("a");
  await hear("b");
  const waiting = acquire();
  expect(asks.at(-1)?.run).toBe("");
  await answer({ status: "server", ...on("b"), holder: null });
  expect(await waiting).toMatchObject({ granted: false, reason: "quarantine", retryIn: 1000 });
  const refused = acquire();
  const holder = { node: "n", token: 7, since: 0, left: 5000, ttl: 5000, metadata: "" };
  await answer({ status: "server", ...on("b"), holder });
  expect(await refused).toMatchObject({ granted: false, reason: "held", retryIn: 5 });
});

test("one that only looks is asked for the lease in the end, if the doubt is over by the server's clock", async () => {
  const { asks, answer, hear, acquire } = stage();
  await hear("a");
  await hear("b");
  const answered = acquire();
  const now = on("b").now + 1_000_000;
  await answer({ status: "server", run: "b", now, holder: null });
  expect(asks.at(-1)?.run).toBe("b");
  await answer({ ...granted, run: "b", now });
  expect(await answered).toMatchObject({ granted: true, token: 7 });
});

test("without restartGuard nothing is waited for", async () => {
  const { asks, answer, hear, acquire } = stage({ restartGuard: false });
  await hear("a");
  await hear("b");
  const answered = acquire();
  expect(asks.at(-1)?.run).toBe("b");
  await answer({ ...granted, ...on("b") });
  expect(await answered).toMatchObject({ granted: true });
});
