import { beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { type FenceDialect, type FenceRow, fence } from "../../../src/stores/sql/sql-fence.ts";
import { heldTerm, resignedTerm } from "../../support/terms.ts";

const client = { query: () => [] };

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
  ],
])(
  "%s that has left the transaction is refused, whatever the row says",
  async (_, left, got, example) => {
    row = { token: 8, isSame: false };
    await expect(fence(dialect, left, heldTerm(7))).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message: `client must have a transaction open, and send every statement in it; got ${got}. Example: ${example}.`,
    });
  },
);

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
