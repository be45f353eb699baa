import { invalid } from "../../input.ts";
import {
  type SqlSettings,
  type SqlStoreOptions,
  sqlOptionNames,
  sqlSettings,
} from "../sql/sql-options.ts";

/** How a {@link MysqlStore} may be set up. */
export interface MysqlStoreOptions extends SqlStoreOptions {
  /**
   * Allows a Galera cluster, or a group with several primaries. Only if all processes of an election connect to one
   * and the same node: on two nodes, two leaders are possible.
   * @defaultValue false
   */
  readonly allowMultiPrimary?: boolean | undefined;
}

/** The names of all options. */
export const mysqlOptionNames: readonly (keyof MysqlStoreOptions)[] = [
  ...sqlOptionNames,
  "allowMultiPrimary",
];

/** The options, checked and complete. */
export interface MysqlSettings extends SqlSettings {
  readonly allowMultiPrimary: boolean;
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function mysqlSettings(options: MysqlStoreOptions): MysqlSettings {
  const settings = sqlSettings(options, ["allowMultiPrimary"]);
  const { allowMultiPrimary = false } = options;
  if (typeof allowMultiPrimary !== "boolean") {
    const rule = "must be true or false";
    throw invalid({ name: "allowMultiPrimary", rule, value: allowMultiPrimary, example: "false" });
  }
  return { ...settings, allowMultiPrimary };
}
