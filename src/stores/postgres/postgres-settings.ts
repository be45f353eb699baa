import { type SqlSettings, sqlSettings } from "../sql/sql-options.ts";
import { agree } from "../url-parameters.ts";
import { type PostgresStoreOptions, postgresOptionNames } from "./postgres-options.ts";
import { readPostgresUrl } from "./postgres-url.ts";

/** The options, checked and complete. */
export interface PostgresSettings extends SqlSettings {
  /** As a client library is given it. */
  readonly listenUrl: string | undefined;
}

/**
 * The options of a store on this server, with what its URL says. Throws `INCUMBENT_INVALID_OPTION`, also when the
 * two say different things.
 */
export function postgresSettings(client: unknown, options: PostgresStoreOptions): PostgresSettings {
  const ofUrl = typeof client === "string" ? readPostgresUrl(client).options : {};
  const all = agree<PostgresStoreOptions>(options, ofUrl, postgresOptionNames);
  const { listenUrl } = all;
  return {
    ...sqlSettings(all, ["listenUrl"]),
    listenUrl: listenUrl === undefined ? undefined : readPostgresUrl(listenUrl, "listenUrl").href,
  };
}
