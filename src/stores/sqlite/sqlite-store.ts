import type { FencedTerm } from "../../fenced-term.ts";
import { checkFlag, checkOptions, invalid } from "../../input.ts";
import { examine } from "../diagnosis.ts";
import { read, type StoredLease } from "../lease-rules.ts";
import type {
  Examination,
  Finding,
  Hint,
  LeaseRecord,
  StoreRequest,
  StoreTraits,
} from "../lease-store.ts";
import { type Decide, RuledStore } from "../ruled-store.ts";
import { SqliteBatches } from "./sqlite-batches.ts";
import { loadSqlite, type OpenDatabase, type SqliteLibrary } from "./sqlite-client.ts";
import {
  type Clocks,
  type MachineClock,
  machineClock,
  type Remaining,
  remaining,
  stamp,
} from "./sqlite-clock.ts";
import { sqliteChecks } from "./sqlite-diagnosis.ts";
import { fence } from "./sqlite-fence.ts";
import type { FencedDatabase } from "./sqlite-fenced-database.ts";
import { SqliteFile } from "./sqlite-file.ts";
import {
  checkPath,
  type FileSystemOf,
  fileSystemOf,
  refuseSharedFileSystem,
} from "./sqlite-place.ts";
import { noteLoss, quarantineLeft } from "./sqlite-quarantine.ts";
import type { Row } from "./sqlite-schema.ts";
import { SqliteWatch } from "./sqlite-watch.ts";

/** How a {@link SqliteStore} may be set up. */
export interface SqliteStoreOptions {
  /**
   * Opens the file also where other machines might have it: NFS, SMB, FUSE and the like. Set it only if
   * no other machine has; locks and clocks do not reach over, so there would be two leaders.
   * @defaultValue false
   */
  readonly allowNetworkFileSystem?: boolean | undefined;
  /**
   * The SQLite library that opens the file: `DatabaseSync` of `node:sqlite`, or the class that `better-sqlite3`
   * exports. Only for {@link SqliteStore.fence}, which needs it to be that of your own database.
   * @defaultValue `bun:sqlite` under Bun, `node:sqlite` where there is one, otherwise `better-sqlite3`
   */
  readonly library?: SqliteLibrary | undefined;
}

/**
 * What the store takes from the machine. Replaced in its tests.
 * @internal
 */
export interface SqliteSystem {
  readonly clock: MachineClock;
  readonly fileSystemOf: FileSystemOf;
  readonly open: OpenDatabase;
}

/**
 * Leases in an SQLite file: for the processes of one machine, with nothing to install or to run.
 *
 * Leases end by the clock of the machine that cannot be set, not by its date; a restart of the machine
 * ends all of them. Deleting the file is a forced release: the next candidate is elected at once, and a
 * leader learns it from its next renewal.
 *
 * The file is the store's own. The first acquire creates it if it is missing, but not its directory;
 * reading creates nothing. Its `-wal` and `-shm` files belong to it: if they are removed, no candidate is
 * newly elected for one ttl, and a leader stays. A file with several names is refused. It is given by path and
 * not as an open database, whose transactions the elections would have to wait for; do not open it with
 * another library in the same process, since SQLite's locks do not distinguish the two.
 *
 * The requests of one turn of the event loop share a transaction, at most 200 of them. One takes about 50 µs
 * alone, and all of a transaction 100 ms at most if other processes have the file. The event loop waits as long.
 */
export class SqliteStore extends RuledStore {
  readonly traits: StoreTraits = {
    name: "sqlite",
    exclusion: "strict",
    tokens: "clock",
    clock: "server",
  };
  readonly #clock: MachineClock;
  readonly #file: SqliteFile;
  readonly #fileSystemOf: FileSystemOf;
  readonly #batches: SqliteBatches;
  readonly #watch: SqliteWatch;

  /**
   * Opens nothing yet: the first request does.
   *
   * @param path of the file, relative to the working directory of now.
   * @param system is for tests of this package.
   * @throws `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` on a Node.js without SQLite if
   *   `better-sqlite3` is not installed.
   */
  constructor(path: string, options: SqliteStoreOptions = {}, system: Partial<SqliteSystem> = {}) {
    super();
    const file = checkPath(path);
    const { isAllowed, library } = checkStoreOptions(options);
    this.#fileSystemOf = system.fileSystemOf ?? fileSystemOf;
    const check = () => {
      if (isAllowed) return;
      refuseSharedFileSystem(file, this.#fileSystemOf);
    };
    check();
    const open = system.open ?? loadSqlite(library);
    this.#clock = system.clock ?? machineClock();
    this.#file = new SqliteFile({
      ...{ path: file, open, check },
      onOpen: () => this.#watch.attach(),
      onLoss: (elections) => noteLoss(elections, this.#clock),
    });
    this.#batches = new SqliteBatches(this.#file, this.#clock);
    this.#watch = new SqliteWatch(this.#file, this.#clock);
  }

  /** The keys of all elections in the file. */
  async keys(): Promise<string[]> {
    const all = this.#file.read((elections) => elections.changedSince(0));
    return (all ?? []).map(({ key }) => key);
  }

  async read({ key }: StoreRequest): Promise<LeaseRecord | undefined> {
    const row = this.#file.read((elections) => elections.find(key));
    if (row === undefined) return undefined;
    const rest = remainingOf(row, this.#clock);
    return read(leaseOf(row, rest), 0);
  }

  /** Calls `onHint` after each change, by whatever process, until the returned function is called. */
  watch(key: string, onHint: (hint: Hint) => void): () => void {
    return this.#watch.listen(key, onHint);
  }

  /**
   * Lets the transaction that `database` has open commit only while the term goes on: no process is elected from this
   * call until the transaction ends. Call it before the writes that it is to guard, or after them.
   *
   * The file of the elections has to be attached to `database`, whose library must be that of the store (see
   * `library`). It holds up all elections in the file, renewals too, so keep the transaction short and do not await
   * anything slow in it. Everything is done when the call returns: in a synchronous transaction it need not be awaited.
   *
   * There are no options, in contrast to other stores: SQLite ends no transaction that stands still.
   *
   * @throws LeadershipLostError if the term is over. Roll back.
   * @throws StoreError `INCUMBENT_STORE_UNAVAILABLE` if another process had the lock for longer than `database` waits,
   *   or has written to the elections since the transaction began to read them.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if no transaction is open, or for a database that cannot be fenced.
   * @example
   * database.exec("ATTACH DATABASE '/var/lib/my-app/leader.db' AS elections"); // once
   *
   * database.exec("BEGIN IMMEDIATE");
   * try {
   *   await store.fence(database, term);
   *   database.prepare("UPDATE billing SET cursor = ?").run(cursor);
   *   database.exec("COMMIT");
   * } catch (error) {
   *   database.exec("ROLLBACK");
   *   throw error;
   * }
   */
  fence(database: FencedDatabase, term: FencedTerm, options?: undefined): Promise<void> {
    refuseOptions(options);
    fence(database, term, this.#file);
    return Promise.resolve();
  }

  /** Looks at the file, the rights on it, and its disk. Makes nothing. */
  diagnose(examination: Examination): AsyncIterable<Finding> {
    return examine(sqliteChecks(this.#file, this.#fileSystemOf), examination);
  }

  /** What was asked for before is carried out before. */
  async close(): Promise<void> {
    this.#batches.flush();
    this.#watch.detach();
    this.#file.close();
  }

  transaction<Reply>(request: StoreRequest, decide: Decide<Reply>): Promise<Reply> {
    const { key } = request;
    return this.#batches.add(request, (elections, clocks) => {
      const row = elections.find(key);
      const rest = row && remainingOf(row, clocks);
      const { reply, write, hint } = decide(row && rest && leaseOf(row, rest), {
        now: 0,
        wall: clocks.wall(),
        slack: rest?.slack ?? 0,
        quarantine: (ttl) => quarantineLeft(elections, ttl, clocks),
      });
      if (write !== undefined) {
        const revision =
          row !== undefined && hint === undefined ? row.revision : elections.lastRevision() + 1;
        elections.save(rowOf(key, write, revision, clocks));
      }
      return reply;
    });
  }
}

function remainingOf(row: Row, clocks: Clocks): Remaining {
  const { boot_id: bootId, ends_monotonic: endsMonotonic, ends_boot: endsBoot } = row;
  const bootResolution = row.boot_resolution;
  return remaining({ bootId, endsMonotonic, endsBoot, bootResolution }, row.ttl, clocks);
}

function rowOf(key: string, lease: StoredLease, revision: number, clocks: Clocks): Row {
  const { nonce, token, since, ttl } = lease;
  const ends = stamp(lease.expiresAt, clocks);
  return {
    key,
    nonce,
    node_id: lease.nodeId,
    metadata: lease.metadata ?? null,
    token,
    since,
    ttl,
    boot_id: ends.bootId,
    ends_monotonic: ends.endsMonotonic,
    ends_boot: ends.endsBoot,
    boot_resolution: ends.bootResolution,
    revision,
  };
}

/** Every reader has a clock of its own, so a decision takes its own moment as 0. */
function leaseOf(row: Row, { left }: Remaining): StoredLease {
  const { nonce, node_id: nodeId, metadata, token, since, ttl } = row;
  return { nonce, nodeId, metadata: metadata ?? undefined, token, since, ttl, expiresAt: left };
}

/** A caller that passes a limit would rely on it. */
function refuseOptions(options: unknown): void {
  if (options === undefined) return;
  throw invalid({
    name: "options",
    rule: "must be left out: SQLite ends no transaction that stands still, so there is no idleTimeout",
    value: options,
    example: "store.fence(database, term)",
  });
}

function checkStoreOptions(options: SqliteStoreOptions) {
  const example = "{ allowNetworkFileSystem: true }";
  const names = ["allowNetworkFileSystem", "library"];
  const { allowNetworkFileSystem, library } = checkOptions(options, names, example);
  return { isAllowed: checkFlag("allowNetworkFileSystem", allowNetworkFileSystem), library };
}
