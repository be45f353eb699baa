import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";
import { pgLinks } from "./pg-link.ts";
import { pgliteLinks } from "./pglite-link.ts";
import { ownSettings, type PgClient, type PostgresClient, recognise } from "./postgres-client.ts";
import type { OpenLink } from "./postgres-driver.ts";
import { type PostgresJsClient, postgresJsLinks } from "./postgres-js-link.ts";
import { readPostgresUrl } from "./postgres-url.ts";

interface PgPackage {
  readonly Client: new (settings: object) => PgClient;
}

type PostgresJsPackage = (place: object | string, options?: object) => PostgresJsClient;

/**
 * Makes connections like those of the user's client, or for a URL by whichever library is installed, which is found at
 * once; connects nothing. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function linksTo(client: PostgresClient | string): OpenLink {
  if (typeof client === "string") return linksFor(readPostgresUrl(client).href);
  const recognised = recognise(client);
  if (recognised.library === "pg") return pgLinks(recognised.make);
  if (recognised.library === "pglite") return pgliteLinks(recognised.client);
  const postgres = postgresJs();
  if (postgres === undefined) throw missing("A sql of postgres.js", "postgres");
  const { options } = recognised.client;
  // What it keeps of its own connections is not copied. With it, the library takes the options as they are. Nor are the
  // types: texts are texts here, whatever the user makes of them.
  const fresh = {
    ...{ parameters: {}, shared: { retries: 0, typeArrayMap: {} } },
    ...{ types: {}, parsers: {}, serializers: {} },
  };
  return postgresJsLinks((own) => postgres({ ...options, ...own, ...fresh }));
}

function linksFor(connectionString: string): OpenLink {
  // What they export is for their own documentation to say.
  const pg = optionalPackage("pg") as PgPackage | undefined;
  if (pg !== undefined) {
    return pgLinks(() => new pg.Client({ connectionString, ...ownSettings }));
  }
  const postgres = postgresJs();
  if (postgres === undefined) throw missing("A postgres:// URL", "pg (or: npm install postgres)");
  return postgresJsLinks((own) => postgres(connectionString, own));
}

function postgresJs(): PostgresJsPackage | undefined {
  return optionalPackage("postgres") as PostgresJsPackage | undefined;
}

function missing(what: string, name: string): IncumbentError {
  const message = `${what} needs a PostgreSQL client: npm install ${name}.`;
  return new IncumbentError("INCUMBENT_MISSING_PACKAGE", message);
}
