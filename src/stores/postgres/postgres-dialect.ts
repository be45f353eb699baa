import { StoreError } from "../../errors.ts";
import { foreignTable } from "../sql/foreign-table.ts";
import type { KnownServer } from "../sql/known-server.ts";
import type { Dialect, Send } from "../sql/sql-calls.ts";
import type { SqlSettings } from "../sql/sql-options.ts";
import { wishOf } from "../sql/sql-questions.ts";
import type { SqlReply, SqlRequest } from "../sql/sql-request.ts";
import { toText } from "../stored-text.ts";
import { type Statement, UNPLANNED } from "./postgres-driver.ts";
import { isForeign, isOfPolicy, stateOf } from "./postgres-errors.ts";
import { type Statements, statementsOf } from "./postgres-statements.ts";
import { definitions, grants, policies, type Tables, tablesOf } from "./postgres-tables.ts";

/** How many requests travel in one statement at most. */
const MOST_REQUESTS = 200;

/** Failures after which the same succeeds: a transaction that met another one, a plan that is not there. */
const PASSING = ["40001", "40P01", ...UNPLANNED];

/** How PostgreSQL is asked. */
export class PostgresDialect implements Dialect<Statement> {
  readonly #settings: SqlSettings;
  readonly #tables: Tables;
  readonly #statements: Statements;

  constructor(settings: SqlSettings) {
    this.#settings = settings;
    this.#tables = tablesOf(settings);
    this.#statements = statementsOf(this.#tables, settings.restartGuard);
  }

  get keys(): Statement {
    return { name: "incumbent_keys", text: this.#statements.keys, values: [] };
  }

  /** How these elections stand, for those who are not notified. */
  watched(keys: readonly string[]): Statement {
    const values = [JSON.stringify(keys.map((key) => ({ key: toText(key) })))];
    return { name: "incumbent_watched", text: this.#statements.watched, values };
  }

  roomFor({ company }: SqlRequest): number {
    return Math.min(company, MOST_REQUESTS);
  }

  async ask(
    send: Send<Statement>,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<readonly SqlReply[]> {
    const [first] = requests;
    if (first === undefined) return [];
    const { name } = first;
    const asked = this.#encode(requests, server);
    const isForLease = name === "acquire" || name === "renew";
    const values = isForLease ? [asked, server.run] : [asked];
    const statement = { name: `incumbent_${name}`, text: this.#statements[name], values };
    try {
      return repliesOf(requests, await send(statement));
    } catch (error) {
      // There is nothing to read or to release, and to look creates nothing.
      if (isForLease || !isMissing(error)) throw error;
      return requests.map(() => ({ status: "none" }));
    }
  }

  async adopt(
    send: Send<Statement>,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<void> {
    const values = [this.#encode(requests, server)];
    await send({ name: "incumbent_adopt", text: this.#statements.adopt, values });
  }

  async isPassing(
    send: Send<Statement>,
    error: unknown,
    requests: readonly SqlRequest[],
  ): Promise<boolean> {
    // A text that the database cannot keep fails the whole statement, so each request travels alone.
    if (stateOf(error)?.startsWith("22") && requests.length > 1) {
      for (const request of requests) request.company = 1;
      return true;
    }
    if (isMissing(error)) {
      await this.#create(send, error);
      return true;
    }
    const { elections, fences, server } = this.#tables;
    const { table } = this.#settings;
    if (isForeign(error, [table, `${table}_fences`, `${table}_server`])) {
      throw foreignTable("PostgreSQL", [elections, fences, server], error);
    }
    if (stateOf(error) === "42501") throw this.#toBeGranted(error);
    return PASSING.includes(stateOf(error) ?? "");
  }

  #encode(requests: readonly SqlRequest[], server: KnownServer): string {
    return JSON.stringify(requests.map((request) => wishOf(request, server, this.#settings)));
  }

  async #create(send: Send<Statement>, cause: unknown): Promise<void> {
    if (!this.#settings.createTable) throw this.#toBeCreated("are missing", cause);
    // One after the other: two that create the same at once fail in the catalogue.
    const lock = `SELECT pg_advisory_xact_lock(hashtext('${this.#tables.elections}'))`;
    const text = [lock, ...definitions(this.#tables)].join(";\n");
    try {
      await send({ text });
    } catch (error) {
      if (stateOf(error) !== "42501") throw error;
      throw this.#toBeCreated("are missing, and the role may not create them", error);
    }
  }

  #toBeCreated(fault: string, cause: unknown): StoreError {
    const remedy = [...definitions(this.#tables), grants(this.#tables)].join(";\n");
    return misconfigured(`The tables of the elections ${fault}`, remedy, cause);
  }

  #toBeGranted(cause: unknown): StoreError {
    const [fault, remedy] = isOfPolicy(cause)
      ? ["Row-level security keeps the role from the tables", policies(this.#tables)]
      : ["The role lacks a right on the tables", grants(this.#tables)];
    return misconfigured(`${fault} of the elections`, remedy, cause);
  }
}

function misconfigured(fault: string, remedy: string, cause: unknown): StoreError {
  const message = `${fault} in PostgreSQL. Have the owner of the database run:\n${remedy};`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, {
    ...{ cause, applied: "no", detail: fault },
  });
}

function isMissing(error: unknown): boolean {
  return stateOf(error) === "42P01";
}

type Row = SqlReply & { readonly key: string };

function repliesOf(requests: readonly SqlRequest[], answer: unknown): readonly SqlReply[] {
  const rows = JSON.parse(String(answer)) as readonly Row[]; // As selected.
  const found = new Map(rows.map((row) => [row.key, row]));
  return requests.map(({ request }) => {
    const reply = found.get(toText(request.key));
    if (reply === undefined) throw new TypeError("PostgreSQL left a request without a reply");
    return reply;
  });
}
