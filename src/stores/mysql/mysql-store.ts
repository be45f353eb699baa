import type { FencedTerm } from "../../fenced-term.ts";
import type { Wait } from "../connections/command-connection.ts";
import { RequestQueue } from "../connections/request-queue.ts";
import { realClock, realTimer, type Timer } from "../connections/timer.ts";
import { examine } from "../diagnosis.ts";
import { checkQuarantine } from "../guard-options.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "../lease-store.ts";
import type { FencedClient } from "../sql/fenced-client.ts";
import { SqlCalls } from "../sql/sql-calls.ts";
import { type FencedTransactionOptions, fence } from "../sql/sql-fence.ts";
import { type PolledElection, SqlPolls } from "../sql/sql-polls.ts";
import { sqlQuestions } from "../sql/sql-questions.ts";
import type { SqlName, SqlReply } from "../sql/sql-request.ts";
import { MysqlBells } from "./mysql-bells.ts";
import { type MysqlClient, settingsReader } from "./mysql-client.ts";
import { MysqlConnection } from "./mysql-connection.ts";
import { mysqlChecks } from "./mysql-diagnosis.ts";
import { MysqlDialect } from "./mysql-dialect.ts";
import type { Row } from "./mysql-driver.ts";
import { isMissingTable, mysqlKind } from "./mysql-errors.ts";
import { MysqlFence } from "./mysql-fence.ts";
import { textOfHex } from "./mysql-literals.ts";
import type { MysqlStoreOptions } from "./mysql-options.ts";
import { driversFor } from "./mysql-packages.ts";
import { type MysqlSettings, mysqlSettings } from "./mysql-settings.ts";
import { tablesOf } from "./mysql-tables.ts";
import { readMysqlUrl } from "./mysql-url.ts";

/**
 * Leases in a database of MySQL (8 and 9) or MariaDB (10.6 or later), by the clock of its server.
 *
 * Its connections are its own, made as the user's pool makes those, or from a URL. They stay open until `close()`.
 */
export class MysqlStore implements LeaseStore {
  readonly traits: StoreTraits = {
    ...{ name: "mysql", exclusion: "strict", tokens: "clock" },
    clock: "server",
  };
  readonly #settings: MysqlSettings;
  readonly #dialect: MysqlDialect;
  readonly #fence: MysqlFence;
  readonly #connection: MysqlConnection;
  readonly #queue: RequestQueue<SqlName, SqlReply, string>;
  readonly #polls: SqlPolls;
  readonly #bells: MysqlBells;

  /**
   * @param client A mysql2 pool or connection, options of a connection, or a URL `mysql://…` or `mariadb://…`.
   * @param timer is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when neither mysql2 nor mariadb is
   * installed.
   */
  constructor(
    client: MysqlClient | string,
    options: MysqlStoreOptions = {},
    timer: Timer = realTimer,
  ) {
    const url = typeof client === "string" ? readMysqlUrl(client) : undefined;
    this.#settings = mysqlSettings(client, options);
    this.#dialect = new MysqlDialect(this.#settings);
    this.#fence = new MysqlFence(tablesOf(this.#settings));
    const settings = url === undefined ? settingsReader(client) : () => url.settings;
    const open = driversFor(settings, url?.libraries ?? ["mysql2", "mariadb"]);
    this.#connection = new MysqlConnection(open, this.#settings);
    const calls = new SqlCalls(mysqlKind, this.#dialect, this.#settings);
    this.#queue = new RequestQueue(mysqlKind, this.#connection, calls, timer);
    this.#polls = new SqlPolls((keys, signal) => this.#look(keys, signal), timer);
    const ways = { open, timer, now: realClock.now };
    this.#bells = new MysqlBells(ways, this.#settings, (key) => this.#polls.released(key));
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `quarantine` is shorter. */
  checkTtl(ttl: number): void {
    checkQuarantine(this.#settings, ttl);
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    this.#resume(request.ttl);
    const reply = await this.#queue.ask(sqlQuestions.acquire(request));
    if (reply.granted) this.#bells.leads(request.key, request.ttl);
    return reply;
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    this.#resume(request.ttl);
    const reply = await this.#queue.ask(sqlQuestions.renew(request));
    this.#bells.leads(request.key, reply.renewed ? request.ttl : 0);
    return reply;
  }

  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    const reply = await this.#queue.ask(sqlQuestions.release(request));
    if (reply.released) {
      this.#bells.leads(request.key, 0);
      this.#polls.released(request.key);
    }
    return reply;
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    this.#resume();
    return this.#queue.ask(sqlQuestions.read(request));
  }

  /** The keys of all elections in the table. */
  async keys(wait: Wait): Promise<string[]> {
    try {
      this.#connection.seek(wait);
      const { rows } = await this.#connection.send(this.#dialect.keys, wait);
      return rows.map(({ hex }) => textOfHex(hex));
    } catch (error) {
      if (isMissingTable(error)) return [];
      throw error;
    }
  }

  /** Calls `onHint` after each change, by whatever process, until the returned function is called. */
  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const unpoll = this.#polls.add(key, onHint);
    const unhang = this.#bells.add(key);
    return () => {
      unpoll();
      unhang();
    };
  }

  /**
   * Lets the transaction that `client` has open commit only while the term goes on: no process is elected from this
   * call until the transaction ends. The leader still renews meanwhile. Uses no connection of the store.
   *
   * Call it once in each transaction, at its beginning. If the leader is paused or cut off, MariaDB ends the transaction
   * after `idleTimeout`; MySQL does so only if it is given.
   *
   * @throws LeadershipLostError if the term is over. Roll back.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if no transaction is open, or `client` is a pool.
   * @throws StoreError `INCUMBENT_STORE_REFUSED` if a process was elected after the snapshot of the transaction, another
   *   transaction has the row, or a deadlock has ended this one; `INCUMBENT_STORE_MISCONFIGURED` for another database or
   *   none, under `LOCK TABLES`, or for a user without rights on the table. Other errors of your client are passed on.
   * @example
   * await connection.beginTransaction();
   * try {
   *   await store.fence(connection, term);
   *   await connection.query("UPDATE billing SET cursor = ?", [cursor]);
   *   await connection.commit();
   * } catch (error) {
   *   await connection.rollback();
   *   throw error;
   * }
   */
  fence(client: FencedClient, term: FencedTerm, options?: FencedTransactionOptions): Promise<void> {
    return fence(this.#fence, client, term, options);
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    return examine(mysqlChecks(this.#connection, this.#settings), examination);
  }

  close(): Promise<void> {
    this.#polls.close();
    this.#bells.close();
    return this.#queue.close();
  }

  #resume(ttl?: number): void {
    this.#polls.resume(ttl);
    this.#bells.resume();
  }

  async #look(
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, PolledElection>> {
    const wait = { clock: realClock, signal };
    this.#connection.seek(wait);
    const { rows } = await this.#connection.send(this.#dialect.watch(keys), wait);
    return new Map(rows.map((row) => [textOfHex(row["hex"]), polledOf(row)]));
  }
}

function polledOf({ is_free, token, digest }: Row): PolledElection {
  return { isFree: is_free === "1", state: `${token} ${digest}` };
}
