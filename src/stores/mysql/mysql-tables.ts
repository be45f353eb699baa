import { StoreError } from "../../errors.ts";
import type { SqlSettings } from "../sql/sql-options.ts";
import { nameLiteral, textLiteral } from "./mysql-literals.ts";

/** The tables, as they stand in a statement. */
export interface Tables {
  /**
   * One row for each election, for ever: it has the token. One more, without a key, says since when the server has
   * been known; in this table, because whatever empties the table has to take it along.
   */
  readonly elections: string;
  /** The token of each election once more, in a row that no renewal touches. */
  readonly fences: string;
  /** When they were made, and by which engine they are kept: another table is another memory. */
  readonly made: string;
}

/** The tables of these settings, in their database if it was given. */
export function tablesOf({ schema, table }: Pick<SqlSettings, "schema" | "table">): Tables {
  const place = schema === undefined ? "" : `${nameLiteral(schema)}.`;
  const names = [table, `${table}_fences`];
  const database = schema === undefined ? "DATABASE()" : textLiteral(schema);
  return {
    elections: `${place}${nameLiteral(table)}`,
    fences: `${place}${nameLiteral(`${table}_fences`)}`,
    made:
      "(SELECT GROUP_CONCAT(CONCAT(ENGINE, UNIX_TIMESTAMP(CREATE_TIME)) ORDER BY TABLE_NAME) FROM information_schema.TABLES " +
      `WHERE TABLE_SCHEMA = ${database} AND TABLE_NAME IN (${names.map(textLiteral).join(", ")}))`,
  };
}

/** All times are in µs since 1970. */
export function definitions({ elections, fences }: Tables): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${elections} (
  \`key\` VARCHAR(512) NOT NULL PRIMARY KEY,
  nonce VARCHAR(64) NOT NULL DEFAULT '',
  node_id VARCHAR(2048) NOT NULL DEFAULT '',
  metadata LONGTEXT NOT NULL,
  token BIGINT NOT NULL DEFAULT 0,
  since BIGINT NOT NULL DEFAULT 0,
  ttl BIGINT NOT NULL DEFAULT 0,
  ends_at BIGINT NOT NULL DEFAULT 0,
  run VARCHAR(1024) NOT NULL,
  waits_until BIGINT NOT NULL DEFAULT 0,
  floor BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    `CREATE TABLE IF NOT EXISTS ${fences} (
  \`key\` VARCHAR(512) NOT NULL PRIMARY KEY,
  token BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  ];
}

/** What a user needs that may not create tables. */
export function grants({ elections, fences }: Tables): string {
  return [elections, fences]
    .map((table) => `GRANT SELECT, INSERT, UPDATE ON ${table} TO …`)
    .join(";\n");
}

/** The tables are not there, and cannot be made: the error says how they are. */
export function missingTables(tables: Tables, fault: string, cause: unknown): StoreError {
  const text = [...definitions(tables), grants(tables)].join(";\n");
  const message = `The tables of the elections ${fault} in MySQL. Have them created:\n${text};`;
  const detail = `the table ${tables.elections} ${fault}`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, {
    ...{ cause, applied: "no", detail },
  });
}
