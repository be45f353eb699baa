import { checkFlag, wholeNumber } from "../../input.ts";
import { type SqlSettings, sqlSettings } from "../sql/sql-options.ts";
import { agree } from "../url-parameters.ts";
import { type MysqlStoreOptions, mysqlOptionNames } from "./mysql-options.ts";
import { readMysqlUrl } from "./mysql-url.ts";

/** The options, checked and complete. */
export interface MysqlSettings extends SqlSettings {
  readonly allowMultiPrimary: boolean;
  readonly bells: number;
}

/**
 * The options of a store on this server, with what its URL says. Throws `INCUMBENT_INVALID_OPTION`, also when the
 * two say different things.
 */
export function mysqlSettings(client: unknown, options: MysqlStoreOptions): MysqlSettings {
  const ofUrl = typeof client === "string" ? readMysqlUrl(client).options : {};
  const all = agree<MysqlStoreOptions>(options, ofUrl, mysqlOptionNames);
  const allowMultiPrimary = checkFlag("allowMultiPrimary", all.allowMultiPrimary);
  const bells = wholeNumber("bells", all.bells ?? 1, { min: 0, max: 1000, example: "1" });
  return { ...sqlSettings(all, ["allowMultiPrimary", "bells"]), allowMultiPrimary, bells };
}
