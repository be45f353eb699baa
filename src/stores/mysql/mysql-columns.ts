import { StoreError } from "../../errors.ts";
import type { SqlSettings } from "../sql/sql-options.ts";
import { type Ask, unapplied } from "./mysql-asking.ts";
import type { Row } from "./mysql-driver.ts";
import { nameLiteral, textLiteral } from "./mysql-literals.ts";

/** The longest key, in bytes. */
const LONGEST_KEY = 512;

/** A token, or a time in µs. */
const NUMBERS = ["token", "since", "ttl", "ends_at", "waits_until", "floor"] as const;

/** Of bytes, in a character set that has all letters. */
const TELLS_APART = /^(utf8mb4|utf16|utf16le|utf32)_(\w+_)?bin$/;

/** What is wrong with a table, and what to do. */
export interface Flaw {
  readonly fault: string;
  readonly remedy: string;
}

/** The columns on which every decision rests, with the indexes in which each is alone. */
export function columnsIn({ schema, table }: Pick<SqlSettings, "schema" | "table">): string {
  const database = schema === undefined ? "DATABASE()" : textLiteral(schema);
  const tables = [table, `${table}_fences`].map(textLiteral).join(", ");
  const columns = ["key", ...NUMBERS].map(textLiteral).join(", ");
  const isOne = "o.TABLE_SCHEMA = s.TABLE_SCHEMA AND o.TABLE_NAME = s.TABLE_NAME";
  return `SELECT c.TABLE_NAME AS of_table, c.COLUMN_NAME AS name, c.DATA_TYPE AS type, c.COLUMN_TYPE AS full_type,
  c.CHARACTER_MAXIMUM_LENGTH AS longest, c.COLLATION_NAME AS collation_name, c.NUMERIC_PRECISION AS digits, c.NUMERIC_SCALE AS scale,
  (SELECT COUNT(*) FROM information_schema.STATISTICS AS s
    WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME
      AND s.NON_UNIQUE = 0 AND s.SUB_PART IS NULL AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS AS o
        WHERE ${isOne} AND o.INDEX_NAME = s.INDEX_NAME AND o.SEQ_IN_INDEX = 2)) AS indexes
FROM information_schema.COLUMNS AS c
WHERE c.TABLE_SCHEMA = ${database} AND c.TABLE_NAME IN (${tables}) AND c.COLUMN_NAME IN (${columns})
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`;
}

/** The first column that cannot keep what the store writes, in tables that were not made by its own statements. */
export function flawIn(columns: readonly Row[]): Flaw | undefined {
  for (const column of columns) {
    const flaw = isKey(column) ? flawOfKey(column) : flawOfNumber(column);
    if (flaw !== undefined) return flaw;
  }
  return flawOfPair(columns.filter(isKey));
}

function isKey({ name }: Row): boolean {
  return name?.toLowerCase() === "key";
}

/** The keys of both tables are compared. Bytes can be with each text, and texts of two collations cannot. */
function flawOfPair(keys: readonly Row[]): Flaw | undefined {
  const texts = keys.filter(({ type }) => type === "varchar");
  const odd = texts.find(({ collation_name: collation }) => collation !== "utf8mb4_bin");
  const isMixed = new Set(texts.map(({ collation_name: collation }) => collation)).size > 1;
  if (odd === undefined || !isMixed) return undefined;
  const fault = `${named(odd)} is COLLATE ${odd["collation_name"]}, which that of the other table is not`;
  return { fault, remedy: remedyOfKey(odd) };
}

function remedyOfKey(column: Row): string {
  return `${altering(column)} MODIFY \`key\` VARCHAR(${LONGEST_KEY}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL`;
}

function flawOfKey(column: Row): Flaw | undefined {
  const { type, longest, collation_name: collation, indexes } = column;
  const isText = type === "varbinary" || (type === "varchar" && TELLS_APART.test(collation ?? ""));
  if (!isText || Number(longest) < LONGEST_KEY) {
    const of = collation === null ? "" : ` COLLATE ${collation}`;
    return {
      fault: `${named(column)} is ${column["full_type"]}${of}, and must distinguish all keys of up to ${LONGEST_KEY} bytes`,
      remedy: remedyOfKey(column),
    };
  }
  if (Number(indexes) > 0) return undefined;
  return {
    fault: `${named(column)} is no primary key, so an election could have several rows`,
    remedy: `${altering(column)} ADD PRIMARY KEY (\`key\`)`,
  };
}

/** Which need 16 digits. A number with a floating point has them, and is not written out in full. */
function flawOfNumber(column: Row): Flaw | undefined {
  const { type, digits, scale } = column;
  if (type === "bigint") return undefined;
  if (type === "decimal" && Number(scale) === 0 && Number(digits) >= 16) return undefined;
  return {
    fault: `${named(column)} is ${column["full_type"]}, and must be BIGINT for tokens and times in µs`,
    remedy: `${altering(column)} MODIFY ${nameLiteral(column["name"] ?? "")} BIGINT NOT NULL DEFAULT 0`,
  };
}

function named({ of_table: table, name }: Row): string {
  return `the column ${nameLiteral(name ?? "")} of ${nameLiteral(table ?? "")}`;
}

function altering({ of_table: table }: Row): string {
  return `ALTER TABLE ${nameLiteral(table ?? "")}`;
}

/** Looks at the columns once for each server and each making of its tables. */
export class Columns {
  readonly #statement: string;
  #checked = "";

  constructor(settings: Pick<SqlSettings, "schema" | "table">) {
    this.#statement = columnsIn(settings);
  }

  /** Throws `INCUMBENT_STORE_MISCONFIGURED` at the first contact: later errors would not name the column. */
  async check(ask: Ask, run: string): Promise<void> {
    if (run === this.#checked) return;
    const flaw = flawIn((await this.#look(ask)).rows);
    if (flaw !== undefined) throw misfit(flaw);
    this.#checked = run;
  }

  async #look(ask: Ask): ReturnType<Ask> {
    try {
      return await ask(this.#statement);
    } catch (error) {
      throw unapplied(error);
    }
  }
}

function misfit({ fault, remedy }: Flaw): StoreError {
  const detail = `a table is not the store's, or was made differently: ${fault}`;
  const message = `In MySQL ${detail}. Stop all electors and run ${remedy}, or give the store another name with the option table, for example { table: "app_elections" }.`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no", detail });
}
