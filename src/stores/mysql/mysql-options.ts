import { type SqlStoreOptions, sqlOptionNames } from "../sql/sql-options.ts";

/** How a {@link MysqlStore} may be set up. */
export interface MysqlStoreOptions extends SqlStoreOptions {
  /**
   * Allows a Galera cluster, or a group with several primaries. Only if all processes of an election connect to one
   * and the same node: on two nodes, two leaders are possible.
   * @defaultValue false
   */
  readonly allowMultiPrimary?: boolean | undefined;
  /**
   * For how many elections that it watches the store keeps one more connection each, from 0 to 1000, to hear of a
   * release at once. Those beyond are looked at every tenth of a ttl, every 250 ms at most.
   * @defaultValue 1
   */
  readonly bells?: number | undefined;
}

/** The names of all options. */
export const mysqlOptionNames: readonly (keyof MysqlStoreOptions)[] = [
  ...sqlOptionNames,
  ...(["allowMultiPrimary", "bells"] as const),
];
