import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import {
  errorsIn,
  type FencedClient,
  isPlainFunction,
  requirePassedOn,
  sessionOf,
  textIn,
} from "../../../src/stores/sql/fenced-client.ts";

const rows = [{ token: "7", mark: "8" }];
const values = [["7", "8"]];

/** Notes the statements that it gets, and answers each as a client does. */
class Client {
  readonly statements: string[] = [];
  readonly answer: unknown;

  constructor(answer: unknown = rows) {
    this.answer = answer;
  }

  query(sql: string): unknown {
    this.statements.push(sql);
    return this.answer;
  }
}

describe("a statement goes to the client as it takes it:", () => {
  test.each([
    ["a function", (to: Client) => (sql: string) => Promise.resolve(to.query(sql))],
    ["a client with query()", (to: Client) => to],
    [
      "a connection of mysql2 that takes callbacks",
      (to: Client) => ({
        query: () => {
          throw new Error("without a callback nothing is answered");
        },
        promise: () => to,
      }),
    ],
    [
      "the sql of postgres.js, which is a function as well",
      (to: Client) =>
        Object.assign(
          () => {
            throw new Error("not called as a template");
          },
          { unsafe: async (sql: string) => to.query(sql) },
        ),
    ],
    [
      "a transaction of Knex, which is a function as well",
      (to: Client) =>
        Object.assign(
          () => {
            throw new Error("not called with the name of a table");
          },
          { raw: async (sql: string) => to.query(sql), commit: () => {} },
        ),
    ],
    [
      "a client whose promise() has no query()",
      (to: Client) => Object.assign(to, { promise: () => ({}) }),
    ],
  ] as [string, (to: Client) => FencedClient][])("%s", async (_what, made) => {
    const to = new Client();
    const session = sessionOf(made(to));
    expect(await session.query("SELECT 1")).toEqual(values);
    expect(await session.run("SET x = 1")).toBeUndefined();
    expect(to.statements).toEqual(["SELECT 1", "SET x = 1"]);
  });
});

test.each([
  ["the answer itself", rows],
  ["its property rows", { rows, rowCount: 1 }],
  ["the first of it, beside what describes them", [rows, [{ name: "token" }]]],
  ["arrays", values],
  ["arrays in its property rows", { rows: values }],
  ["arrays, beside what describes them", [values, [{ name: "token" }]]],
])("the rows of a statement may be %s", async (_where, answer) => {
  expect(await sessionOf(new Client(answer)).query("SELECT 1")).toEqual(values);
});

test("the rows of a statement may be arrays of bytes", async () => {
  const bytes = [Buffer.from("7"), Buffer.from("8")];
  expect(await sessionOf(new Client([bytes])).query("SELECT 1")).toEqual([bytes]);
});

test("a statement may have no rows", async () => {
  expect(await sessionOf(new Client([])).query("SELECT 1")).toEqual([]);
});

test.each([["text"], [null], [7], [[7]], [[null]], [{ rows: 7 }], [[[7], 7]], [[{}, []]]])(
  "an answer of %j has no rows",
  async (answer) => {
    await expect(sessionOf(new Client(answer)).query("SELECT 1")).rejects.toThrow(
      "client must resolve with the rows of a statement, each an object; got an object of Client. Example: (sql) => manager.query(sql).",
    );
    await sessionOf(new Client(answer)).run("SET x = 1");
  },
);

describe("what is no client of one transaction is refused:", () => {
  const query = () => rows;

  test.each([
    ["a pool of pg", { connect: query, totalCount: 0, query }, "connect"],
    ["a pool of mysql2 or mariadb", { getConnection: query, query }, "getConnection"],
  ])("%s", (_what, pool, method) => {
    expect(() => sessionOf(pool)).toThrow(
      `client must be one connection with a transaction open, and not a pool; got an object of Object. Example: await pool.${method}().`,
    );
  });

  test("but a client of pg is none of them", () => {
    expect(() => sessionOf({ connect: query, query } as FencedClient)).not.toThrow();
  });

  test.each([
    [undefined],
    [null],
    ["postgres://"],
    [{}],
    [{ query: "SELECT" }],
    [{ promise: query }],
  ])("%j", (client) => {
    expect(() => sessionOf(client as unknown as FencedClient)).toThrow(
      /^client must be a client with a transaction, or a function that runs a statement in it; .*Example: \(sql\) => manager\.query\(sql\)\.$/,
    );
  });
});

test.each([
  ["7", "7"],
  [7, "7"],
  [BigInt(7), "7"],
  [Buffer.from("7"), "7"],
  [{ text: "7" }, undefined],
  [null, undefined],
] as const)("a client may give a text as %s", (value, text) => {
  expect(textIn(value)).toBe(text);
});

test.each([
  ["a function of the caller", () => rows, true],
  ["the sql of postgres.js", Object.assign(() => rows, { unsafe: async () => rows }), false],
  ["a transaction of Knex", Object.assign(() => rows, { raw: () => rows, commit() {} }), false],
  ["a function with raw() alone", Object.assign(() => rows, { raw: () => rows }), true],
  ["a client", new Client(), false],
] as [string, FencedClient, boolean][])(
  "only a function of the caller may serve many transactions: %s",
  (_what, client, isPlain) => {
    expect(isPlainFunction(client)).toBe(isPlain);
  },
);

test("a text that was changed on its way is refused by that name", () => {
  expect(() => requirePassedOn(7, "7")).not.toThrow();
  expect(() => requirePassedOn("seven", "7")).toThrow(
    'client must pass on the texts that the database sends: a parser, a transformation or an ORM has changed "7"; got "seven". Example: (sql) => manager.query(sql), or postgres(url) without transform.row.',
  );
});

describe("the errors inside an error", () => {
  test.each(["cause", "driverError", "meta", "driverAdapterError"])("are found by %s", (name) => {
    const inner = { code: "42P01" };
    const outer = { [name]: inner };
    expect(errorsIn(outer)).toEqual([outer, inner]);
  });

  test("end with a text, and before a circle has gone round for long", () => {
    const outer = { cause: "a text" };
    expect(errorsIn(outer)).toEqual([outer]);
    expect(errorsIn("a text")).toEqual([]);
    expect(errorsIn([{}])).toEqual([]);
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(errorsIn(circle)).toHaveLength(5);
  });
});

test("a connection that the server ends does not end the process, however often its client was given", () => {
  const client = Object.assign(new EventEmitter(), { query: () => rows });
  sessionOf(client);
  sessionOf(client);
  expect(client.listenerCount("error")).toBe(1);
  client.emit("error", new Error("terminating connection due to idle-in-transaction timeout"));
});
