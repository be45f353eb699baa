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
import { fromText } from "../stored-text.ts";
import type { PostgresClient } from "./postgres-client.ts";
import { PostgresConnection } from "./postgres-connection.ts";
import { postgresChecks } from "./postgres-diagnosis.ts";
import { PostgresDialect } from "./postgres-dialect.ts";
import type { Statement } from "./postgres-driver.ts";
import { pgliteKind, postgresKind, stateOf } from "./postgres-errors.ts";
import { PostgresFence } from "./postgres-fence.ts";
import { PostgresHints } from "./postgres-hints.ts";
import type { PostgresStoreOptions } from "./postgres-options.ts";
import { linksTo } from "./postgres-packages.ts";
import { type PostgresSettings, postgresSettings } from "./postgres-settings.ts";

/**
 * Leases in a PostgreSQL database, version 12 or later, by the clock of its server.
 *
 * Its connection is its own, made by copying the user's client or from the URL. It stays open until `close()`. Only of PGlite
 * it uses the one session, outside of the user's transactions.
 */
export class PostgresStore implements LeaseStore {
  readonly traits: StoreTraits = {
    ...{ name: "postgres", exclusion: "strict", tokens: "clock" },
    clock: "server",
  };
  readonly #settings: PostgresSettings;
  readonly #clock: StoreRequest["clock"];
  readonly #dialect: PostgresDialect;
  readonly #fence: PostgresFence;
  readonly #polls: SqlPolls;
  readonly #hints: PostgresHints;
  readonly #connection: PostgresConnection;
  readonly #queue: RequestQueue<SqlName, SqlReply, Statement>;

  /**
   * @param client A Pool or Client of `pg` (8), a `sql` of postgres.js (3), a URL `postgres://…`, or PGlite.
   * @param timer and clock are for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL when
   * neither library is installed.
   */
  constructor(
    client: PostgresClient | string,
    options: PostgresStoreOptions = {},
    timer: Timer = realTimer,
    clock: StoreRequest["clock"] = realClock,
  ) {
    this.#clock = clock;
    this.#settings = postgresSettings(client, options);
    this.#dialect = new PostgresDialect(this.#settings);
    this.#fence = new PostgresFence(this.#settings);
    const open = linksTo(client);
    this.#polls = new SqlPolls((keys, signal) => this.#look(keys, signal), timer);
    this.#hints = new PostgresHints(this.#polls);
    const { listenUrl, table, isPglite } = this.#settings;
    const kind = isPglite ? pgliteKind : postgresKind;
    const openEar = listenUrl === undefined ? undefined : linksTo(listenUrl);
    const openers = { open, openEar, channel: table };
    this.#connection = new PostgresConnection(kind, openers, this.#hints, { timer, clock });
    const calls = new SqlCalls(kind, this.#dialect, this.#settings);
    this.#queue = new RequestQueue(kind, this.#connection, calls, timer);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `quarantine` is shorter. */
  checkTtl(ttl: number): void {
    checkQuarantine(this.#settings, ttl);
  }

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    this.#polls.resume(request.ttl);
    return this.#queue.ask(sqlQuestions.acquire(request));
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    this.#polls.resume(request.ttl);
    return this.#queue.ask(sqlQuestions.renew(request));
  }

  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    const reply = await this.#queue.ask(sqlQuestions.release(request));
    if (reply.released) this.#polls.released(request.key);
    return reply;
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    this.#polls.resume();
    return this.#queue.ask(sqlQuestions.read(request));
  }

  /** The keys of all elections in the table. */
  async keys(wait: Wait): Promise<string[]> {
    try {
      const answer = await this.#connection.send(this.#dialect.keys, wait);
      const keys = JSON.parse(String(answer)) as string[]; // As selected.
      return keys.map(fromText);
    } catch (error) {
      if (stateOf(error) === "42P01") return [];
      throw error;
    }
  }

  /** Calls `onHint` after each change, by whatever process, until the returned function is called. */
  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const unwatch = this.#hints.add(key, onHint);
    this.#connection.listen();
    return unwatch;
  }

  /**
   * Lets the transaction that `client` has open commit only while the term goes on: no process is elected from this
   * call until the transaction ends. The leader still renews meanwhile. Uses no connection of the store.
   *
   * Call it once in each transaction, at its beginning. A later `ROLLBACK TO` a savepoint from before the call frees
   * the lock. If the leader is paused or cut off, the server ends the transaction after `idleTimeout`.
   *
   * @throws LeadershipLostError if the term is over. Roll back.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if no transaction is open, or `client` is a pool.
   * @throws StoreError `INCUMBENT_STORE_REFUSED` if a process was elected after the snapshot of the transaction, or it
   *   cannot be serialized; `INCUMBENT_STORE_MISCONFIGURED` for a transaction that is read-only, a standby, another
   *   database, or a role without rights on the table. Other errors of your client are passed on.
   * @example
   * await client.query("BEGIN");
   * try {
   *   await store.fence(client, term);
   *   await client.query("UPDATE billing SET cursor = $1", [cursor]);
   *   await client.query("COMMIT");
   * } catch (error) {
   *   await client.query("ROLLBACK");
   *   throw error;
   * }
   */
  fence(client: FencedClient, term: FencedTerm, options?: FencedTransactionOptions): Promise<void> {
    return fence(this.#fence, client, term, options);
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    return examine(postgresChecks(this.#connection, this.#hints, this.#settings), examination);
  }

  close(): Promise<void> {
    this.#polls.close();
    return this.#queue.close();
  }

  /** As one look at all elections that are watched, where there are no notifications. */
  async #look(
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, PolledElection>> {
    const wait = { clock: this.#clock, signal };
    const answer = await this.#connection.send(this.#dialect.watched(keys), wait);
    const found = JSON.parse(String(answer)) as (PolledElection & { key: string })[]; // As selected.
    return new Map(found.map((election) => [fromText(election.key), election]));
  }
}
