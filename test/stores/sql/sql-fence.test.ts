import { beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { FencedClient } from "../../../src/stores/sql/fenced-client.ts";
import { type FenceDialect, type FenceRow, fence } from "../../../src/stores/sql/sql-fence.ts";
import { heldTerm, resignedTerm } from "../../support/terms.ts";

const client = { query: () => [] };

const IN_TRANSACTION = "must have a transaction open, and send every statement in it";

let done: unknown[];
let row: FenceRow;
let failure: unknown;

const dialect: FenceDialect = {
  begin: async (_session, { token }, idleTimeout) => {
    if (failure !== undefined) throw failure;
    done.push(["begin", token, idleTimeout]);
  },
  lock: async (_session, { token }) => {
    done.push(["lock", token]);
    return row;
  },
  explain: (error) =>
    error instanceof RangeError
      ? { code: "INCUMBENT_STORE_MISCONFIGURED", advice: "do the other thing" }
      : undefined,
};

beforeEach(() => {
  done = [];
  failure = undefined;
  row = { token: "7", isSame: true };
});

describe("a transaction is fenced", () => {
  test("if the row has the token of the term, also as a text", async () => {
    await fence(dialect, client, heldTerm(7), { idleTimeout: 100 });
    expect(done).toEqual([
      ["begin", 7, 100],
      ["lock", 7],
    ]);
    await fence(dialect, client, heldTerm(7));
    expect(done[2]).toEqual(["begin", 7, undefined]);
  });

  test("for no term that is over: nothing is asked", async () => {
    const fenced = fence(dialect, client, resignedTerm(7));
    await expect(fenced).rejects.toMatchObject({ reason: "resigned" });
    expect(done).toEqual([]);
  });

  test("for no term that ends while the lock is waited for", async () => {
    let left = 1000;
    const lock = dialect.lock;
    const slow: FenceDialect = {
      ...dialect,
      lock: (...args) => {
        left = 0;
        return lock(...args);
      },
    };
    const fenced = fence(slow, client, heldTerm(7, { remaining: () => left }));
    await expect(fenced).rejects.toMatchObject({ reason: "expired" });
  });

  test.each([8, 6, undefined])("for no term if the row has the token %j", async (token) => {
    row = { token, isSame: true };
    const fenced = fence(dialect, client, heldTerm(7));
    await expect(fenced).rejects.toMatchObject({ reason: "superseded" });
  });
});

test.each([
  [
    "a client of pg",
    client,
    "an object of Object",
    'await client.query("BEGIN") before it, on a client of the pool',
  ],
  [
    "a PGlite",
    { ...client, exec: client.query, waitReady: Promise.resolve() },
    "an object of Object",
    "database.transaction((transaction) => store.fence(transaction, term))",
  ],
  [
    "the sql of postgres.js",
    Object.assign(() => [], { unsafe: async () => [] }),
    "a function",
    "sql.begin((transaction) => store.fence(transaction, term))",
  ],
  [
    "a connection of mysql2 or mariadb",
    { ...client, escapeId: String },
    "an object of Object",
    "await connection.beginTransaction() before it",
  ],
  [
    "a function",
    async () => [],
    "a function",
    "(sql) => manager.query(sql), with its transaction open",
    "must have a transaction open, send every statement in it, and serve one fence at a time",
  ],
] as [string, FencedClient, string, string, string?][])(
  "%s that has left the transaction is refused, whatever the row says",
  async (...[_, left, got, example, rule = IN_TRANSACTION]) => {
    row = { token: 8, isSame: false, isHidden: true };
    await expect(fence(dialect, left, heldTerm(7))).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: `client ${rule}; got ${got}. Example: ${example}.`,
    });
  },
);

describe("an election that the snapshot of the transaction does not have", () => {
  test("may be that of the term, so the transaction has to begin again", async () => {
    row = { token: undefined, isSame: true, isHidden: true };
    await expect(fence(dialect, client, heldTerm(7))).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_REFUSED", applied: "no" },
      message: expect.stringContaining("begin another if the term goes on"),
    });
  });

  test("is of no interest if the term is over", async () => {
    row = { token: undefined, isSame: true, isHidden: true };
    const left = [1000, 0];
    const term = heldTerm(7, { remaining: () => left.shift() ?? 0 });
    await expect(fence(dialect, client, term)).rejects.toMatchObject({ reason: "expired" });
  });
});

describe("fences that begin at once", () => {
  /** Knows its transaction by one mark, which the next fence takes away. */
  let mark = 0;
  const marking: FenceDialect = {
    ...dialect,
    begin: async (_session, { token }) => {
      mark = token;
    },
    lock: async (_session, { token }) => ({ token, isSame: mark === token }),
  };

  test.each([
    ["a client", { query: () => [] }],
    ["the sql of postgres.js", Object.assign(() => [], { unsafe: async () => [] })],
    ["a transaction of Knex", Object.assign(async () => [], { raw: () => [], commit() {} })],
  ])("on %s take turns", async (_what, one) => {
    const terms = [7, 8, 9].map((token) => heldTerm(token));
    await Promise.all(terms.map((term) => fence(marking, one, term)));
  });

  test("take turns with one that begins when the first of them has ended", async () => {
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: FenceDialect = {
      ...marking,
      begin: async (session, term, limit) => {
        await marking.begin(session, term, limit);
        if (term.token === 8) await gate;
      },
    };
    const [first, second] = [7, 8].map((token) => fence(slow, client, heldTerm(token)));
    await first;
    const third = fence(slow, client, heldTerm(9));
    goOn();
    await Promise.all([second, third]);
  });

  test("do not fail with the one before", async () => {
    const failing: FenceDialect = {
      ...marking,
      begin: (session, term, limit) =>
        term.token === 7 ? Promise.reject(new Error("7")) : marking.begin(session, term, limit),
    };
    const [first, second] = [7, 8].map((token) => fence(failing, client, heldTerm(token)));
    await expect(first).rejects.toThrow("7");
    await second;
  });

  test("on two clients, or by a function, do not wait for each other", async () => {
    const waiting: FenceDialect = {
      ...dialect,
      begin: (session, term, limit) =>
        term.token === 7 ? new Promise(() => {}) : dialect.begin(session, term, limit),
    };
    row = { token: 8, isSame: true };
    const ask = async () => [];
    for (const pair of [
      [{ query: () => [] }, client],
      [ask, ask],
    ] as const) {
      void fence(waiting, pair[0], heldTerm(7));
      await fence(waiting, pair[1], heldTerm(8));
    }
  });

  test("and the first statement of one that need not wait is sent within the call", () => {
    void fence(dialect, { query: () => [] }, heldTerm(7));
    expect(done).toEqual([["begin", 7, undefined]]);
  });
});

describe("an error of the database", () => {
  test("that is known has advice, its text, and is no sign of a fence", async () => {
    failure = new RangeError("too far");
    await expect(fence(dialect, client, heldTerm(7))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: "The transaction cannot be fenced: do the other thing (too far).",
      cause: failure,
      applied: "no",
    });
  });

  test.each([
    ["that is not known", new Error("who knows")],
    ["of ours", new StoreError("INCUMBENT_STORE_REFUSED", "no", { applied: "no" })],
  ])("%s stays as it is", async (_what, error) => {
    failure = error;
    const always: FenceDialect = {
      ...dialect,
      explain: (cause) =>
        cause instanceof StoreError
          ? { code: "INCUMBENT_STORE_MISCONFIGURED", advice: "" }
          : undefined,
    };
    await expect(fence(always, client, heldTerm(7))).rejects.toBe(error);
  });

  test("that is no Error is shown as a text", async () => {
    failure = "gone";
    const always: FenceDialect = {
      ...dialect,
      explain: () => ({ code: "INCUMBENT_STORE_REFUSED", advice: "look there" }),
    };
    await expect(fence(always, client, heldTerm(7))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_REFUSED",
      message: "The transaction cannot be fenced: look there (gone).",
    });
  });
});

describe("idleTimeout", () => {
  test.each([1, 3_600_000])("may be %i", async (idleTimeout) => {
    await fence(dialect, client, heldTerm(7), { idleTimeout });
    expect(done[0]).toEqual(["begin", 7, idleTimeout]);
  });

  test.each([0, 3_600_001, 1.5])("is not %j", async (idleTimeout) => {
    const fenced = fence(dialect, client, heldTerm(7), { idleTimeout });
    await expect(fenced).rejects.toThrow(/^idleTimeout must be a whole number.*Example: 5000\.$/);
  });

  test("has no other name", async () => {
    const fenced = fence(dialect, client, heldTerm(7), { idleTimout: 5 } as object);
    await expect(fenced).rejects.toThrow('did you mean "idleTimeout"?');
    const none = fence(dialect, client, heldTerm(7), null as unknown as object); // Wrong on purpose.
    await expect(none).rejects.toThrow("Example: { idleTimeout: 5000 }.");
  });
});
