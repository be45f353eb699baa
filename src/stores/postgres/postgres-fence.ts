import type { FencedTerm } from "../../fenced-term.ts";
import { errorsIn, requirePassedOn, type Session, textIn } from "../sql/fenced-client.ts";
import { DEFAULT_IDLE_TIMEOUT, type FenceDialect, type FenceRow } from "../sql/sql-fence.ts";
import { toText } from "../stored-text.ts";
import type { Tables } from "./postgres-tables.ts";

/** Is set in the transaction alone, so it shows that two statements run in the same one. */
const MARK = "incumbent.fence";

const IDLE = "idle_in_transaction_session_timeout";

/** The SQLSTATEs that say what is wrong with the user's connection. */
const causes: Readonly<Record<string, ReturnType<FenceDialect["explain"]>>> = {
  "40001": {
    code: "INCUMBENT_STORE_REFUSED",
    advice:
      "a process was elected after the transaction took its snapshot; roll back, and begin another if the term goes on",
  },
  "25006": {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice: "it is read-only, or on a standby; use a connection that may write",
  },
  "42P01": {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "there is no table of fences; connect to the database of the elections, and give the store their schema",
  },
};

/** How a transaction on PostgreSQL is fenced. No statement has parameters, so every client and ORM can run it. */
export class PostgresFence implements FenceDialect {
  readonly #fences: string;

  constructor({ fences }: Tables) {
    this.#fences = fences;
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
      await query(`SELECT set_config('${MARK}', '${token}', true) AS mark, set_config(name, ${limit}, true) AS idle
      FROM pg_settings WHERE name = '${IDLE}'`);
    requirePassedOn(set?.[0], String(token));
  }

  /** Shared, so that several transactions of the leader do not wait for each other. */
  async lock({ query }: Session, { key, token }: FencedTerm): Promise<FenceRow> {
    const [row] =
      await query(`SELECT CAST(f.token AS text) AS token, current_setting('${MARK}', true) AS mark
      FROM ${this.#fences} f WHERE f.key = ${literal(toText(key))} FOR SHARE OF f`);
    if (row !== undefined) return { token: row[0], isSame: textIn(row[1]) === String(token) };
    const [open] = await query(`SELECT current_setting('${MARK}', true) AS mark`);
    return { token: undefined, isSame: textIn(open?.[0]) === String(token) };
  }

  explain(error: unknown): ReturnType<FenceDialect["explain"]> {
    const state = stateOf(error);
    if (state === "42501") {
      const advice = `GRANT SELECT, UPDATE ON ${this.#fences} to its role`;
      return { code: "INCUMBENT_STORE_MISCONFIGURED", advice };
    }
    return state === undefined ? undefined : causes[state];
  }
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
