import { describe, expect, onTestFinished, test } from "vitest";
import { Asked } from "../../../src/stores/connections/asked-request.ts";
import { CommandConnection } from "../../../src/stores/connections/command-connection.ts";
import type { AcquireReply, AcquireRequest } from "../../../src/stores/lease-store.ts";
import { postgresKind } from "../../../src/stores/postgres/postgres-errors.ts";
import { type Dialect, SqlCalls } from "../../../src/stores/sql/sql-calls.ts";
import { sqlQuestions } from "../../../src/stores/sql/sql-questions.ts";
import type { SqlReply, SqlRequest } from "../../../src/stores/sql/sql-request.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

const BEGINNING = 1_770_000_000_000_000;
const granted = { status: "granted", token: 7, since: BEGINNING } as const;

/** Calls of a process that has one connection; `reply` says what the server answers to a request. */
function stage(dialect: Partial<Dialect<string>> = {}, reply?: (request: SqlRequest) => SqlReply) {
  const time = { ms: 0 };
  const clock = { now: () => time.ms };
  /** The keys of each statement, and which server it was for. */
  const statements: { run: string; keys: string[] }[] = [];
  const driver = { connect: async () => {}, send: async () => "", end: () => {} };
  const events = { ready: () => {}, heard: () => {}, over: () => {} };
  const line = new CommandConnection<string>(postgresKind, () => driver, clock, events);
  onTestFinished(() => line.end());
  const all: Dialect<string> = {
    roomFor: () => 12,
    ask: async (_send, requests, { run }) => {
      statements.push({ run, keys: requests.map(({ request }) => request.key) });
      return requests.map((request) => reply?.(request) ?? granted);
    },
    adopt: async () => {},
    isPassing: async () => false,
    ...dialect,
  };
  const calls = new SqlCalls(postgresKind, all, { restartGuard: true, quarantine: undefined });
  const acquire = (key = "job", fields: Partial<AcquireRequest> = {}) =>
    new Asked(
      postgresKind,
      sqlQuestions.acquire(acquireRequest(key, { clock, notAfter: 1000, ...fields })),
    );
  const renew = (key = "job") => {
    const asked = acquireRequest(key, { clock, notAfter: 1000 });
    return new Asked(postgresKind, sqlQuestions.renew(renewRequest(asked, 7, { notAfter: 1000 })));
  };
  const carryOut = (...requests: SqlRequest[]) => calls.carryOut(line, requests);
  return { time, statements, calls, acquire, renew, carryOut };
}

/** What becomes of a request that is not answered well. */
const failureOf = ({ answer: awaited }: { readonly answer: Promise<unknown> }) =>
  awaited.then(
    (answer) => ({ answer }),
    (error: unknown) => error,
  );

test("a statement has requests of one kind, each for another election, as many as the dialect lets it", () => {
  const { calls, acquire, renew } = stage();
  expect(calls.areShared).toBe(true);
  expect(calls.roomFor(acquire())).toBe(12);
  expect(calls.fits(acquire("a"), [])).toBe(true);
  expect(calls.fits(acquire("a"), [acquire("b"), acquire("c")])).toBe(true);
  expect(calls.fits(acquire("a"), [acquire("b"), acquire("a")])).toBe(false);
  expect(calls.fits(renew("a"), [acquire("b")])).toBe(false);
});

describe("a request whose row is locked", () => {
  test("waits longer each time, and at most 50 ms", async () => {
    const { acquire, carryOut } = stage({}, () => ({ status: "raced" }));
    const asked = acquire();
    const pauses: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      expect(await carryOut(asked)).toEqual([asked]);
      pauses.push(asked.pause);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
  });

  test("is granted the lease when the lock is free, and no election is made known for it", async () => {
    const adopted: unknown[] = [];
    const replies: SqlReply[] = [{ status: "raced" }];
    const { acquire, carryOut } = stage(
      { adopt: async (_send, requests) => void adopted.push(requests) },
      () => replies.shift() ?? granted,
    );
    const asked = acquire();
    expect(await carryOut(asked)).toEqual([asked]);
    expect(await carryOut(asked)).toEqual([]);
    expect(await asked.answer).toMatchObject({ granted: true, token: 7 });
    expect(adopted).toEqual([]);
  });

  test.each(["raced", "late"] as const)(
    "fails by the lock, and with advice, if its time is over (%s)",
    async (status) => {
      const replies: SqlReply[] = [{ status: "raced" }, { status }];
      const { time, acquire, carryOut } = stage({}, () => replies.shift() ?? granted);
      const asked = acquire();
      const failure = failureOf(asked);
      await carryOut(asked);
      time.ms = status === "late" ? 1000 : 998;
      expect(await carryOut(asked)).toEqual([]);
      expect(await failure).toMatchObject({
        code: "INCUMBENT_STORE_REFUSED",
        message: expect.stringMatching(
          /^Another transaction in PostgreSQL keeps the row of "job" locked\. .*idleTimeout/,
        ),
        applied: "no",
      });
    },
  );

  test("that is late without a lock is answered so", async () => {
    const { time, acquire, carryOut } = stage({}, () => ({ status: "late" }));
    const asked = acquire();
    time.ms = 1000;
    expect(await carryOut(asked)).toEqual([]);
    expect(await asked.answer).toMatchObject({ granted: false, reason: "late" });
  });
});

describe("a request that the server answers for another clock or identity", () => {
  test.each(["server", "late", "unknown"] as const)(
    "travels five more times, and then fails (%s)",
    async (status) => {
      const { acquire, carryOut, statements } = stage({}, () => ({ status }));
      const asked = acquire();
      const failure = failureOf(asked);
      let left: readonly SqlRequest[] = [asked];
      while (left.length > 0) left = await carryOut(...left);
      expect(statements).toHaveLength(6);
      expect(await failure).toMatchObject({
        code: "INCUMBENT_STORE_REFUSED",
        message: "The PostgreSQL server changed its identity or clock during the request.",
        applied: "no",
      });
    },
  );

  test("makes the election known if the server does not know it, beside those that have their answer", async () => {
    const adopted: string[][] = [];
    const { acquire, carryOut } = stage(
      {
        adopt: async (_send, requests) =>
          void adopted.push(requests.map(({ request }) => request.key)),
      },
      ({ request: { key } }) => (key === "b" ? { status: "unknown" } : granted),
    );
    const [a, b, c] = [acquire("a"), acquire("b"), acquire("c")];
    expect(await carryOut(a, b, c)).toEqual([b]);
    expect(adopted).toEqual([["b"]]);
    expect(await a.answer).toMatchObject({ granted: true });
    expect(await c.answer).toMatchObject({ granted: true });
    expect(await carryOut(acquire("d"))).toEqual([]);
    expect(adopted).toEqual([["b"]]);
  });

  test("fails alone if the election cannot be made known", async () => {
    const { acquire, carryOut } = stage(
      { adopt: () => Promise.reject(new Error("read-only")) },
      ({ request: { key } }) => (key === "b" ? { status: "unknown" } : granted),
    );
    const [a, b] = [acquire("a"), acquire("b")];
    const failure = failureOf(b);
    expect(await carryOut(a, b)).toEqual([]);
    expect(await a.answer).toMatchObject({ granted: true });
    expect(await failure).toMatchObject({ message: "read-only" });
  });
});

describe("a statement that fails", () => {
  const ask = () => Promise.reject(new Error("deadlock"));

  test("fails all of its requests", async () => {
    const { acquire, carryOut } = stage({ ask });
    const [a, b] = [acquire("a"), acquire("b")];
    const failures = [failureOf(a), failureOf(b)];
    expect(await carryOut(a, b)).toEqual([]);
    for (const failure of failures) expect(await failure).toMatchObject({ message: "deadlock" });
  });

  test("is sent again if that helps, for those that still wait, and not for ever", async () => {
    const { acquire, carryOut } = stage({ ask, isPassing: async () => true });
    const controller = new AbortController();
    const [a, b] = [acquire("a"), acquire("b", { signal: controller.signal })];
    controller.abort();
    expect(await carryOut(a, b)).toEqual([a]);
    const failure = failureOf(a);
    let left: readonly SqlRequest[] = [a];
    for (let time = 1; left.length > 0; time += 1) {
      expect(time).toBeLessThan(6);
      left = await carryOut(a);
    }
    expect(await failure).toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "no" });
  });

  test("fails by what kept it from being set right", async () => {
    const { acquire, carryOut } = stage({
      ask,
      isPassing: () => Promise.reject(new Error("no right to create the table")),
    });
    const asked = acquire();
    const failure = failureOf(asked);
    expect(await carryOut(asked)).toEqual([]);
    expect(await failure).toMatchObject({ message: "no right to create the table" });
  });

  test("has failed if it has an answer too few", async () => {
    const { acquire, carryOut } = stage({ ask: async () => [granted] });
    const [a, b] = [acquire("a"), acquire("b")];
    const failure = failureOf(b);
    expect(await carryOut(a, b)).toEqual([]);
    expect(await a.answer).toMatchObject({ granted: true });
    expect(await failure).toMatchObject({ message: "a request without a reply" });
  });
});

test("after another server was heard from, each candidate waits for its own ttl, and no other request", async () => {
  let run = "a";
  const { time, statements, acquire, renew, carryOut } = stage({}, ({ name }) => ({
    ...(name === "acquire" ? granted : { status: "renewed" }),
    ...{ run, now: BEGINNING + time.ms * 1000 },
  }));
  await carryOut(renew("x"));
  run = "b";
  await carryOut(renew("x"));
  time.ms = 900;
  statements.length = 0;
  const [short, long] = [acquire("short", { ttl: 500 }), acquire("long", { ttl: 5000 })];
  const answers: Promise<AcquireReply>[] = [short.answer, long.answer];
  expect(await carryOut(short, long)).toEqual([]);
  expect(statements).toEqual([
    { run: "", keys: ["long"] },
    { run: "b", keys: ["short"] },
  ]);
  expect(await Promise.all(answers)).toMatchObject([
    { granted: true },
    { granted: false, reason: "quarantine", retryIn: 4100 },
  ]);
  statements.length = 0;
  const [renewal, another] = [renew("x"), acquire("another", { ttl: 5000 })];
  expect(await carryOut(renewal)).toEqual([]);
  expect(await renewal.answer).toEqual({ renewed: true });
  expect(await carryOut(another)).toEqual([]);
  // Nothing is sent beside the look.
  expect(statements).toEqual([
    { run: "b", keys: ["x"] },
    { run: "", keys: ["another"] },
  ]);
});

test.each([{}, { run: "b" }, { now: BEGINNING }])(
  "a reply that does not say both who the server is and what its clock shows counts for neither: %j",
  async (note: Partial<SqlReply>) => {
    const replies: SqlReply[] = [
      { status: "renewed", run: "a", now: BEGINNING },
      { status: "renewed", ...note },
    ];
    const { acquire, renew, carryOut } = stage({}, () => replies.shift() ?? granted);
    await carryOut(renew("x"));
    await carryOut(renew("x"));
    const asked = acquire();
    expect(await carryOut(asked)).toEqual([]);
    expect(await asked.answer).toMatchObject({ granted: true });
  },
);
