import { type SqlStoreOptions, sqlOptionNames } from "../sql/sql-options.ts";

/** How a {@link PostgresStore} may be set up. */
export interface PostgresStoreOptions extends SqlStoreOptions {
  /**
   * Where notifications are heard, if the client leads to a pooler that does not pass them on: a URL of the
   * server itself. Without it, the elections are looked at several times a second behind such a pooler.
   * @defaultValue the connection for statements
   */
  readonly listenUrl?: string | undefined;
}

/** The names of all options. */
export const postgresOptionNames: readonly (keyof PostgresStoreOptions)[] = [
  ...sqlOptionNames,
  "listenUrl",
];
