import { checkFlag, checkOptions, invalid } from "../../input.ts";
import { checkGuard, type Guard } from "../guard-options.ts";

/** How a store in an SQL database may be set up. */
export interface SqlStoreOptions {
  /**
   * The schema of the tables; in MySQL and MariaDB, the database.
   * @defaultValue the one that the connection uses
   */
  readonly schema?: string | undefined;
  /**
   * The table of the elections. Others have its name with `_fences` behind it, and on PostgreSQL `_server`.
   * @defaultValue "incumbent_elections"
   */
  readonly table?: string | undefined;
  /**
   * Creates the tables if they are missing. `false`: the error says what to create and which rights to grant.
   * @defaultValue true
   */
  readonly createTable?: boolean | undefined;
  /**
   * After a restart, failover or loss of data no candidate is newly elected for one ttl, so that a lease which
   * the server forgot never meets a new one. `false`: elects at once, and two leaders are possible for
   * up to a ttl.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /**
   * How long that wait is, in ms: at least the longest ttl that any candidate of the key uses. An elector
   * with a longer ttl of its own is refused.
   * @defaultValue the candidate's own ttl
   */
  readonly quarantine?: number | undefined;
}

/** The names of all options. */
export const sqlOptionNames: readonly (keyof SqlStoreOptions)[] = [
  ...(["schema", "table", "createTable", "restartGuard", "quarantine"] as const),
];

/** The options, checked and complete. */
export interface SqlSettings extends Guard {
  readonly schema: string | undefined;
  readonly table: string;
  readonly createTable: boolean;
}

/** Throws `INCUMBENT_INVALID_OPTION`. `others` are further options of a store, which it checks itself. */
export function sqlSettings(options: SqlStoreOptions, others: readonly string[] = []): SqlSettings {
  checkOptions(options, [...sqlOptionNames, ...others], '{ table: "incumbent_elections" }');
  const { schema, table = "incumbent_elections" } = options;
  if (schema !== undefined) checkName("schema", schema, 60, '"billing"');
  checkName("table", table, 48, '"incumbent_elections"');
  const createTable = checkFlag("createTable", options.createTable, true);
  return { schema, table, createTable, ...checkGuard(options) };
}

/** Every database takes such a name in quotes, with an ending behind it. */
function checkName(name: string, value: unknown, longest: number, example: string): void {
  const isName = typeof value === "string" && /^[a-z_][a-z0-9_$-]*$/i.test(value);
  if (isName && value.length <= longest) return;
  const rule = `must be a name of at most ${longest} letters, digits, _, $ and -, and not begin with a digit`;
  throw invalid({ name, rule, value, example });
}
