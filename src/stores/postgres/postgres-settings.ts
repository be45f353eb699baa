import { invalid } from "../../input.ts";
import { type SqlSettings, sqlSettings } from "../sql/sql-options.ts";
import { agree } from "../url-parameters.ts";
import { isPglite } from "./postgres-client.ts";
import { type PostgresStoreOptions, postgresOptionNames } from "./postgres-options.ts";
import { readPostgresUrl } from "./postgres-url.ts";

/** The options, checked and complete. */
export interface PostgresSettings extends SqlSettings {
  /** As a client library is given it. */
  readonly listenUrl: string | undefined;
  /** Whether the server is PGlite, in this process. */
  readonly isPglite: boolean;
}

/** The application may set another `search_path` in the session of PGlite, and the tables must stay where they are. */
const PGLITE_SCHEMA = "public";

/**
 * The options of a store on this server, with what its URL says. Throws `INCUMBENT_INVALID_OPTION`, also when the
 * two say different things.
 */
export function postgresSettings(client: unknown, options: PostgresStoreOptions): PostgresSettings {
  const ofUrl = typeof client === "string" ? readPostgresUrl(client).options : {};
  const all = agree<PostgresStoreOptions>(options, ofUrl, postgresOptionNames);
  const { listenUrl } = all;
  const sql = sqlSettings(all, ["listenUrl"]);
  if (!isPglite(client)) {
    const href = listenUrl === undefined ? undefined : readPostgresUrl(listenUrl, "listenUrl").href;
    return { ...sql, listenUrl: href, isPglite: false };
  }
  if (listenUrl !== undefined) {
    const rule = "must not be given with PGlite, which notifies over its one session";
    throw invalid({ name: "listenUrl", rule, value: listenUrl, example: "leave it out" });
  }
  const schema = sql.schema ?? PGLITE_SCHEMA;
  return { ...sql, schema, listenUrl: undefined, isPglite: true };
}
