import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";
import type { OpenDriver } from "../connections/driver.ts";
import type { Settings } from "./mysql-client.ts";
import { type MysqlLibrary, mysqlDriver } from "./mysql-driver.ts";

const specifiers = { mysql2: "mysql2", mariadb: "mariadb/callback" } as const;

/** The libraries, the preferred one first. */
export type Libraries = readonly (keyof typeof specifiers)[];

/**
 * Makes connections by whichever library is installed, which is found at once; connects nothing. Throws
 * `INCUMBENT_MISSING_PACKAGE`.
 */
export function driversFor(settings: () => Settings, libraries: Libraries): OpenDriver<string> {
  for (const name of libraries) {
    // What they export is for their own documentation to say.
    const library = optionalPackage(specifiers[name]) as MysqlLibrary | undefined;
    if (library !== undefined) return (events) => mysqlDriver(name, library, settings(), events);
  }
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "MySQL and MariaDB need a client: npm install mysql2 (or: npm install mariadb).",
  );
}
