import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import type { MysqlClient } from "./stores/mysql/mysql-client.ts";
import { type MysqlStoreOptions, mysqlOptionNames } from "./stores/mysql/mysql-options.ts";
import { mysqlSettings } from "./stores/mysql/mysql-settings.ts";
import { MysqlStore } from "./stores/mysql/mysql-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { FencedTerm } from "./fenced-term.ts";
export type {
  Mysql2Client,
  MysqlClient,
  MysqlConnectionOptions,
} from "./stores/mysql/mysql-client.ts";
export type { MysqlStoreOptions } from "./stores/mysql/mysql-options.ts";
export { MysqlStore } from "./stores/mysql/mysql-store.ts";
export type { FencedClient } from "./stores/sql/fenced-client.ts";
export type { FencedTransactionOptions } from "./stores/sql/sql-fence.ts";
export type { SqlStoreOptions } from "./stores/sql/sql-options.ts";

/** The options of the elector and of its store. */
export interface MysqlElectorOptions extends ElectorOptions, MysqlStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on a database of MySQL or MariaDB. All those that are made with the same client or the same URL, and with
 * the same options of the store, share one {@link MysqlStore}, which opens its connection when it is first used. The
 * last of them to stop closes it.
 *
 * @example
 * const pool = createPool({ host: "127.0.0.1", user: "app", database: "app" });
 * const elector = new MysqlElector(pool, "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class MysqlElector extends ClosingElector {
  /**
   * @param client A mysql2 pool or connection, options of a connection, or a URL `mysql://…` or `mariadb://…`.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when neither mysql2 nor mariadb is
   * installed.
   */
  constructor(client: MysqlClient | string, key: string, options: MysqlElectorOptions = {}) {
    const { store, elector } = divideOptions<MysqlStoreOptions>(options, mysqlOptionNames);
    const settings = mysqlSettings(client, store);
    super(
      stores.share([client], settings, () => new MysqlStore(client, store)),
      key,
      elector,
    );
  }
}
