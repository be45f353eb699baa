import type { SqlSettings } from "../sql/sql-options.ts";

/** The tables, as they stand in a statement. */
export interface Tables {
  /** One row for each election, for ever: it has the token. */
  readonly elections: string;
  /** The token of each election once more, in a row that no renewal touches. */
  readonly fences: string;
  /** Since when the server has been known as the one that it is. */
  readonly server: string;
  /** On which changes are notified. */
  readonly channel: string;
}

/** The tables of these settings, with their schema if it was given. */
export function tablesOf({ schema, table }: Pick<SqlSettings, "schema" | "table">): Tables {
  const place = schema === undefined ? "" : `"${schema}".`;
  return {
    elections: `${place}"${table}"`,
    fences: `${place}"${table}_fences"`,
    server: `${place}"${table}_server"`,
    channel: table,
  };
}

/**
 * All times are in µs since 1970. Without an index on what a renewal changes, and with room in the page of its row, it
 * rewrites no index, and what it leaves behind is removed by the next one: of 1,000 elections in full pages, two renewals
 * of three went to another page (measured).
 */
export function definitions({ elections, fences, server }: Tables): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${elections} (
  key text COLLATE "C" PRIMARY KEY,
  nonce text NOT NULL DEFAULT '',
  node_id text NOT NULL DEFAULT '',
  metadata text NOT NULL DEFAULT '',
  token bigint NOT NULL DEFAULT 0,
  since bigint NOT NULL DEFAULT 0,
  ttl bigint NOT NULL DEFAULT 0,
  ends_at bigint NOT NULL DEFAULT 0,
  run text NOT NULL,
  waits_until bigint NOT NULL,
  floor bigint NOT NULL
) WITH (fillfactor = 50)`,
    `CREATE TABLE IF NOT EXISTS ${fences} (
  key text COLLATE "C" PRIMARY KEY,
  token bigint NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${server} (
  id integer PRIMARY KEY CHECK (id = 1),
  run text NOT NULL,
  since bigint NOT NULL
)`,
  ];
}

/** What a role needs that may not create tables. */
export function grants({ elections, fences, server }: Tables): string {
  return `GRANT SELECT, INSERT, UPDATE ON ${elections}, ${fences}, ${server} TO …`;
}

/** What a role needs to which row-level security applies. */
export function policies({ elections, fences, server }: Tables): string {
  return [elections, fences, server]
    .map((table) => `CREATE POLICY incumbent ON ${table} TO … USING (true) WITH CHECK (true)`)
    .join(";\n");
}
