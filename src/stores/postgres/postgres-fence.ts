import { StoreError } from "../../errors.ts";
import type { FencedTerm } from "../../fenced-term.ts";
import { errorsIn, requirePassedOn, type Session, textIn } from "../sql/fenced-client.ts";
import { DEFAULT_IDLE_TIMEOUT, type FenceDialect, type FenceRow } from "../sql/sql-fence.ts";
import type { SqlSettings } from "../sql/sql-options.ts";
import { toText } from "../stored-text.ts";
import { isOfPolicy } from "./postgres-errors.ts";
import { tablesOf } from "./postgres-tables.ts";

/** Is set in the transaction alone, so it shows that two statements run in the same one. */
const MARK = "incumbent.fence";

const IDLE = "idle_in_transaction_session_timeout";

/** Whether the transaction may write, and if not, what makes it read-only. */
const READING = `CASE WHEN current_setting('transaction_read_only') = 'off' THEN 'no'
        WHEN pg_is_in_recovery() THEN 'standby'
        WHEN current_setting('default_transaction_read_only') = 'on' THEN 'default' ELSE 'begun' END`;

/** What to do about it. */
const readers: Readonly<Record<string, string>> = {
  standby: "the server is a standby; connect to the primary",
  default: "default_transaction_read_only is on; BEGIN READ WRITE, or turn it off for the session",
  begun: "it is read-only; begin it without READ ONLY",
};

const ELECTED =
  "a process was elected after the transaction took its snapshot; roll back, and begin another if the term goes on";
const PIVOT =
  "under SERIALIZABLE it conflicts with another transaction, which says nothing of the term; roll back, and begin another if the term goes on";

/** How a transaction on PostgreSQL is fenced. No statement has parameters, so every client and ORM can run it. */
export class PostgresFence implements FenceDialect {
  readonly #settings: Pick<SqlSettings, "schema" | "table">;
  readonly #fences: string;

  constructor(settings: Pick<SqlSettings, "schema" | "table">) {
    this.#settings = settings;
    this.#fences = tablesOf(settings).fences;
  }

  async begin(
    { query }: Session,
    { token }: FencedTerm,
    idleTimeout = DEFAULT_IDLE_TIMEOUT,
  ): Promise<void> {
    // 0 is no limit. In pg_settings it is in ms, and elsewhere in any unit.
    const limit = `CASE WHEN setting IN ('0') OR CAST(setting AS integer) > ${idleTimeout}
      THEN '${idleTimeout}' ELSE setting END`;
    const [set] =
      await query(`SELECT set_config('${MARK}', '${token}', true) AS mark, set_config(name, ${limit}, true) AS idle,
        ${READING} AS reading
      FROM pg_settings WHERE name = '${IDLE}'`);
    requirePassedOn(set?.[0], String(token));
    const reader = readers[textIn(set?.[2]) ?? ""];
    if (reader !== undefined) throw misconfigured(reader);
  }

  /** Shared, so that several transactions of the leader do not wait for each other. */
  async lock({ query }: Session, { key, token }: FencedTerm): Promise<FenceRow> {
    const [row] =
      await query(`SELECT CAST(f.token AS text) AS token, current_setting('${MARK}', true) AS mark
      FROM ${this.#fences} f WHERE f.key = ${literal(toText(key))} FOR SHARE OF f`);
    if (row !== undefined) return { token: row[0], isSame: textIn(row[1]) === String(token) };
    const [open] = await query(
      `SELECT current_setting('${MARK}', true) AS mark, current_setting('transaction_isolation') AS level,
        CAST(row_security_active('${this.#fences}') AS text) AS secured`,
    );
    const [mark, level, secured] = (open ?? []).map(textIn);
    // A term that is over leaves its row.
    if (mark === String(token) && secured === "true") throw misconfigured(this.#policy);
    // A row that was made after the snapshot cannot be seen; one that was changed fails by 40001.
    const isHidden = level === "repeatable read" || level === "serializable";
    return { token: undefined, isSame: mark === String(token), isHidden };
  }

  explain(error: unknown): ReturnType<FenceDialect["explain"]> {
    switch (stateOf(error)) {
      case "40001":
        return { code: "INCUMBENT_STORE_REFUSED", advice: isPivot(error) ? PIVOT : ELECTED };
      case "25006": {
        const advice = "it is read-only, or on a standby; use a connection that may write";
        return { code: "INCUMBENT_STORE_MISCONFIGURED", advice };
      }
      case "42501":
        return { code: "INCUMBENT_STORE_MISCONFIGURED", advice: this.#grant(error) };
      case "42P01": {
        const advice =
          "its role sees no table of fences; connect to the database of the elections, give the store their schema, and GRANT USAGE ON that SCHEMA to the role";
        return { code: "INCUMBENT_STORE_MISCONFIGURED", advice };
      }
      default:
        return undefined;
    }
  }

  get #policy(): string {
    return `row-level security hides the election from its role; CREATE POLICY incumbent ON ${this.#fences} TO that role USING (true)`;
  }

  /** Names the right on the schema unless the server says that it is that on the table which is missing. */
  #grant(error: unknown): string {
    if (errorsIn(error).some(({ message }) => isOfPolicy(message))) return this.#policy;
    const { schema, table } = this.#settings;
    const isOfTable = String(errorsIn(error).at(-1)?.["message"]).includes(`${table}_fences`);
    const rights = `GRANT SELECT, UPDATE ON ${this.#fences} to its role`;
    if (schema === undefined || isOfTable) return rights;
    return `GRANT USAGE ON SCHEMA "${schema}" to its role, and, unless it has them, ${rights}`;
  }
}

function misconfigured(advice: string): StoreError {
  const message = `The transaction cannot be fenced: ${advice}.`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no" });
}

/** With a reason and a hint, which a row that was changed after the snapshot does not have. */
function isPivot(error: unknown): boolean {
  return errorsIn(error).some(({ detail, hint }) => Boolean(detail) || Boolean(hint));
}

/** In hexadecimal: without quotes, and without what clients take for a parameter. */
function literal(text: string): string {
  return `convert_from(decode('${Buffer.from(text).toString("hex")}', 'hex'), 'UTF8')`;
}

function stateOf(error: unknown): string | undefined {
  const codes = errorsIn(error).flatMap(({ code, originalCode }) => [code, originalCode]);
  // Prisma has codes of its own that look like one.
  const isState = (code: unknown) =>
    typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^P[1-6]\d{3}$/.test(code);
  return codes.find(isState) as string | undefined; // As was looked for.
}
