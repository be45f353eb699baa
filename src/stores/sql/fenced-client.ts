import { invalid } from "../../input.ts";

type Row = Readonly<Record<string, unknown>>;

/** What a row has, in the order of its columns: a client may give them other names. */
export type Values = readonly unknown[];

/** Runs statements without values in the transaction of the caller, one at a time. */
export interface Session {
  /** Resolves with the rows of a SELECT. */
  query(sql: string): Promise<readonly Values[]>;
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

const listenedTo = new WeakSet<object>();

/**
 * The server ends the connection of a transaction that stands still. `pg`, `mariadb` and callbacks of `mysql2` emit that as
 * an error, and without a listener the process would end. The next statement fails as well, so nothing is hidden.
 */
function surviveErrors(client: FencedClient): void {
  if (typeof client === "function" || !has(client, "on") || listenedTo.has(client)) return;
  listenedTo.add(client);
  client.on("error", () => {});
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function sessionOf(client: FencedClient): Session {
  const run = runnerOf(client);
  surviveErrors(client);
  return {
    query: async (sql) => rowsOf(await run(sql), client),
    run: async (sql) => void (await run(sql)),
  };
}

/** Has each library give texts and rows as they come, whatever the client was set up to make of them. */
function runnerOf(client: unknown): (sql: string) => unknown {
  // It may use one connection for all statements while it is idle, and another one when it is not.
  if (isPool(client)) {
    const rule = "must be one connection with a transaction open, and not a pool";
    const example = `await pool.${has(client, "getConnection") ? "getConnection" : "connect"}()`;
    throw invalid({ name: "client", rule, value: client, example });
  }
  // postgres.js's own is a function, too, but takes a template. The casts rest on what is looked for.
  if (has(client, "unsafe")) {
    return (sql) => {
      const query = client.unsafe(sql);
      return has(query, "raw") ? query.raw() : query;
    };
  }
  if (typeof client === "function") {
    if (isKnex(client)) return (sql) => client.raw(sql);
    return client as (sql: string) => unknown;
  }
  // A connection of mysql2 that takes callbacks.
  if (has(client, "query") && has(client, "promise")) {
    const promised = client.promise();
    if (has(promised, "query")) return queryOf(promised);
  }
  if (has(client, "query")) return queryOf(client);
  throw unusable(
    "must be a client with a transaction, or a function that runs a statement in it",
    client,
  );
}

const asSent = (text: unknown) => text;
const pgTypes = { getTypeParser: () => asSent };
const pgliteOptions = { rowMode: "object", parsers: { 25: asSent } };
const mysqlOptions = {
  ...{ rowsAsArray: false, nestTables: false },
  typeCast: (_field: unknown, next: () => unknown) => next(),
};

function queryOf(client: Record<"query", (...values: unknown[]) => unknown>) {
  if (isPglite(client)) return (sql: string) => client.query(sql, undefined, pgliteOptions);
  if (isOfMysql(client)) return (sql: string) => client.query({ sql, ...mysqlOptions });
  // A client of pg.
  if ("connectionParameters" in client) {
    return (text: string) => client.query({ text, types: pgTypes });
  }
  return (sql: string) => client.query(sql);
}

function has<Name extends string>(
  client: unknown,
  method: Name,
): client is Record<Name, (...values: unknown[]) => unknown> {
  const isObject = (typeof client === "object" && client !== null) || typeof client === "function";
  return isObject && typeof Reflect.get(client, method) === "function";
}

/** A transaction of Knex is a function as well, which takes the name of a table. */
function isKnex(client: unknown): client is Record<"raw", (...values: unknown[]) => unknown> {
  return has(client, "raw") && has(client, "commit");
}

/** A function of the caller, and no transaction that a library has made. */
export function isPlainFunction(client: FencedClient): boolean {
  return typeof client === "function" && !has(client, "unsafe") && !isKnex(client);
}

/** Of `pg`, `mysql2` or `mariadb`. */
function isPool(client: unknown): boolean {
  return has(client, "getConnection") || (has(client, "connect") && "totalCount" in client);
}

/** PGlite itself, or a transaction of it. */
function isPglite(client: unknown): boolean {
  return has(client, "exec") && ("waitReady" in client || has(client, "rollback"));
}

/** Of mysql2 or mariadb. */
function isOfMysql(client: unknown): boolean {
  return has(client, "escapeId");
}

/** How to have a transaction open with such a client. */
export function openingOf(client: FencedClient): string {
  const fence = "store.fence(transaction, term)";
  if (isPglite(client)) return `database.transaction((transaction) => ${fence})`;
  if (has(client, "unsafe")) return `sql.begin((transaction) => ${fence})`;
  if (typeof client === "function") return "(sql) => manager.query(sql), with its transaction open";
  if (isOfMysql(client)) return "await connection.beginTransaction() before it";
  return 'await client.query("BEGIN") before it, on a client of the pool';
}

/** The rows are the answer, are in it, or come first in it beside what describes them. */
function rowsOf(answer: unknown, client: unknown): readonly Values[] {
  const first = Array.isArray(answer) && areRows(answer[0]) ? answer[0] : answer;
  const found = hasRows(answer) ? answer.rows : first;
  if (!areRows(found)) {
    throw unusable("must resolve with the rows of a statement, each an object", client);
  }
  return found.map((row) => (Array.isArray(row) ? row : Object.values(row)));
}

function hasRows(answer: unknown): answer is { readonly rows: unknown } {
  return typeof answer === "object" && answer !== null && "rows" in answer;
}

/** Objects, or arrays as the options of some clients make of them. */
function areRows(rows: unknown): rows is readonly (Row | Values)[] {
  return Array.isArray(rows) && (rows.every(isRow) || rows.every(Array.isArray));
}

function isRow(row: unknown): row is Row {
  const isObject = typeof row === "object" && row !== null;
  return isObject && !Array.isArray(row) && !(row instanceof Uint8Array);
}

/** The text that a database has sent, as clients have it; nothing if a client has made something else of it. */
export function textIn(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint"
    ? String(value)
    : undefined;
}

/** Throws if a client has not passed on this text, which the database has sent. */
export function requirePassedOn(value: unknown, text: string): void {
  if (textIn(value) === text) return;
  const rule = `must pass on the texts that the database sends: a parser, a transformation or an ORM has changed ${JSON.stringify(text)}`;
  // What postgres.js makes of a row it does for all statements, raw ones as well.
  const example = "(sql) => manager.query(sql), or postgres(url) without transform.row";
  throw invalid({ name: "client", rule, value, example });
}

function unusable(rule: string, value: unknown) {
  return invalid({ name: "client", rule, value, example: "(sql) => manager.query(sql)" });
}
