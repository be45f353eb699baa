import { invalid } from "../../input.ts";

type Row = Readonly<Record<string, unknown>>;

/** Runs statements without values in the transaction of the caller, one at a time. */
export interface Session {
  /** Resolves with the rows of a SELECT. */
  query(sql: string): Promise<readonly Row[]>;
  /** For a statement without rows: what the clients answer to it differs. */
  run(sql: string): Promise<void>;
}

/**
 * What runs a statement in the transaction that you have open: a client of `pg`, `mysql2` or `mariadb`; the `sql` that
 * `begin` of postgres.js gives; or a function, for an ORM. The function gets a statement without parameters and resolves
 * with its rows, as an array or as the property `rows`.
 *
 * @example
 * await store.fence((sql) => prisma.$queryRawUnsafe(sql), term);
 */
export type FencedClient =
  | ((sql: string) => PromiseLike<unknown>)
  | { query(sql: string): unknown }
  | { unsafe(sql: string): PromiseLike<unknown> };

/** An error of a client, and those inside it: ORMs wrap what the client has thrown, each under another name. */
export function errorsIn(error: unknown): readonly Row[] {
  const found: Row[] = [];
  for (let inner = error; isRow(inner) && found.length < 5; ) {
    found.push(inner);
    inner = inner["cause"] ?? inner["driverError"] ?? inner["meta"] ?? inner["driverAdapterError"];
  }
  return found;
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function sessionOf(client: FencedClient): Session {
  const run = runnerOf(client);
  return {
    query: async (sql) => rowsOf(await run(sql), client),
    run: async (sql) => void (await run(sql)),
  };
}

function runnerOf(client: unknown): (sql: string) => unknown {
  // It may use one connection for all statements while it is idle, and another one when it is not.
  if (isPool(client)) {
    const rule = "must be one connection with a transaction open, and not a pool";
    throw invalid({ name: "client", rule, value: client, example: "await pool.connect()" });
  }
  // postgres.js's own is a function, too, but takes a template. The casts rest on what is looked for.
  if (has(client, "unsafe")) return (sql) => client.unsafe(sql);
  if (typeof client === "function") return client as (sql: string) => unknown;
  // A connection of mysql2 that takes callbacks.
  if (has(client, "query") && has(client, "promise")) {
    const promised = client.promise();
    if (has(promised, "query")) return (sql) => promised.query(sql);
  }
  if (has(client, "query")) return (sql) => client.query(sql);
  throw unusable(
    "must be a client with a transaction, or a function that runs a statement in it",
    client,
  );
}

function has<Name extends string>(
  client: unknown,
  method: Name,
): client is Record<Name, (...values: unknown[]) => unknown> {
  const isObject = (typeof client === "object" && client !== null) || typeof client === "function";
  return isObject && typeof Reflect.get(client, method) === "function";
}

/** Of `pg`, `mysql2` or `mariadb`. */
function isPool(client: unknown): boolean {
  return has(client, "getConnection") || (has(client, "connect") && "totalCount" in client);
}

/** The rows are the answer, are in it, or come first in it beside what describes them. */
function rowsOf(answer: unknown, client: unknown): readonly Row[] {
  const rows = hasRows(answer) ? answer.rows : answer;
  const found = Array.isArray(rows) && Array.isArray(rows[0]) ? rows[0] : rows;
  if (Array.isArray(found) && found.every(isRow)) return found;
  throw unusable("must resolve with the rows of a statement, each an object", client);
}

function hasRows(answer: unknown): answer is { readonly rows: unknown } {
  return typeof answer === "object" && answer !== null && "rows" in answer;
}

function isRow(row: unknown): row is Row {
  return typeof row === "object" && row !== null && !Array.isArray(row);
}

function unusable(rule: string, value: unknown) {
  return invalid({ name: "client", rule, value, example: "(sql) => manager.query(sql)" });
}
