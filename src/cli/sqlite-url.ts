import { invalid, show } from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import { readParameters, trueOrFalse } from "../stores/url-parameters.ts";

const SCHEME = "sqlite:";

/**
 * The store of `sqlite:data/x.db`, `sqlite:/var/lib/x.db` or `sqlite:///var/lib/x.db`, with its options as
 * parameters. Throws `INCUMBENT_INVALID_OPTION`.
 */
export async function openSqliteUrl(url: string): Promise<LeaseStore> {
  const { SqliteStore } = await import("../sqlite.ts");
  const parameters = readParameters(queryOf(url).slice(1), { allowNetworkFileSystem: trueOrFalse });
  return new SqliteStore(pathOfSqliteUrl(url), parameters);
}

/** The file that it names. Throws `INCUMBENT_INVALID_OPTION`. */
export function pathOfSqliteUrl(url: string): string {
  const place = url.slice(SCHEME.length, url.length - queryOf(url).length);
  const path = place.replace(/^\/\/(?=\/)/, "");
  if (path !== "" && !path.startsWith("//")) return path;
  const same = show("sqlite:///var/lib/app/leases.db");
  throw invalid({
    name: "store",
    rule: `must name a file after "sqlite:"`,
    value: url,
    example: `sqlite:/var/lib/app/leases.db (${same} is the same)`,
  });
}

function queryOf(url: string): string {
  // A folder may have a question mark in its name.
  return /\?[^/]*$/.exec(url)?.[0] ?? "";
}
