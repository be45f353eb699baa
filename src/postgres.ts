import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import type { PostgresClient } from "./stores/postgres/postgres-client.ts";
import {
  type PostgresStoreOptions,
  postgresOptionNames,
} from "./stores/postgres/postgres-options.ts";
import { postgresSettings } from "./stores/postgres/postgres-settings.ts";
import { PostgresStore } from "./stores/postgres/postgres-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { FencedTerm } from "./fenced-term.ts";
export type { PgliteClient } from "./stores/postgres/pglite-link.ts";
export type { PgClient, PgPool, PostgresClient } from "./stores/postgres/postgres-client.ts";
export type { PostgresJsClient } from "./stores/postgres/postgres-js-link.ts";
export type { PostgresStoreOptions } from "./stores/postgres/postgres-options.ts";
export { PostgresStore } from "./stores/postgres/postgres-store.ts";
export type { FencedClient } from "./stores/sql/fenced-client.ts";
export type { FencedTransactionOptions } from "./stores/sql/sql-fence.ts";
export type { SqlStoreOptions } from "./stores/sql/sql-options.ts";

/** The options of the elector and of its store. */
export interface PostgresElectorOptions extends ElectorOptions, PostgresStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on a PostgreSQL database. All those that are made with the same client or the same URL, and with
 * the same options of the store, share one {@link PostgresStore}, which opens its connection when it is first used.
 * The last of them to stop closes it.
 *
 * @example
 * const elector = new PostgresElector(new Pool(), "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class PostgresElector extends ClosingElector {
  /**
   * @param client A Pool or Client of `pg` (8), a `sql` of postgres.js (3), a URL `postgres://…`, or PGlite.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL when
   * neither library is installed.
   */
  constructor(client: PostgresClient | string, key: string, options: PostgresElectorOptions = {}) {
    const { store, elector } = divideOptions<PostgresStoreOptions>(options, postgresOptionNames);
    const settings = postgresSettings(client, store);
    super(
      stores.share([client], settings, () => new PostgresStore(client, store)),
      key,
      elector,
    );
  }
}
