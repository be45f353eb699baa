import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";
import { pgLinks } from "./pg-link.ts";
import { ownSettings, type PgClient } from "./postgres-client.ts";
import type { OpenLink } from "./postgres-driver.ts";
import { readPostgresUrl } from "./postgres-url.ts";

interface PgPackage {
  readonly Client: new (settings: object) => PgClient;
}

/**
 * Makes connections for a URL, by whichever library is installed, which is found at once; connects nothing.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function linksFor(url: string): OpenLink {
  const connectionString = readPostgresUrl(url).href;
  // What it exports is for its own documentation to say.
  const pg = optionalPackage("pg") as PgPackage | undefined;
  if (pg !== undefined) {
    return pgLinks(() => new pg.Client({ connectionString, ...ownSettings }));
  }
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "A postgres:// URL needs a PostgreSQL client: npm install pg.",
  );
}
