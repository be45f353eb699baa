import type { SqlWish } from "../sql/sql-questions.ts";
import { numberLiteral, textLiteral } from "./mysql-literals.ts";
import type { Tables } from "./mysql-tables.ts";

/**
 * The clock at the moment when it is read, in µs: in a condition, after the lock on the row. `NOW()` would be the
 * moment when the statement began.
 */
const MICROS = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

/** A replica that a user with many rights may write to is no place for a lease. */
const TAKES_WRITES = "CAST(@@global.read_only AS CHAR) IN ('0', 'OFF')";

/** The server, as it said who it is. */
export interface Server {
  /** What the session has noted of it. */
  readonly session: string;
  /** That, and when the tables were made. */
  readonly run: string;
}

/** What was seen of an election when it was decided. */
export interface Sight {
  readonly nonce: string;
  readonly token: number;
  readonly fence: number;
  readonly now: number;
}

/** The statements on these tables. `isGuarded`: whether a lease counts only on the server that has written it. */
export class Statements {
  readonly #tables: Tables;
  readonly #isGuarded: boolean;

  constructor(tables: Tables, isGuarded: boolean) {
    this.#tables = tables;
    this.#isGuarded = isGuarded;
  }

  get keys(): string {
    return `SELECT HEX(\`key\`) AS hex FROM ${this.#tables.elections} WHERE \`key\` <> ''`;
  }

  /** What those want to know who watch. */
  watch(keys: readonly string[]): string {
    return `SELECT HEX(\`key\`) AS hex, nonce = '' AS is_free, token, SHA2(CONCAT(node_id, CHAR(0), metadata), 256) AS digest
FROM ${this.#tables.elections} WHERE \`key\` IN (${keys.map(textLiteral).join(", ")})`;
  }

  /** Looks at elections, and locks nothing. There is one row at least, with what is known of the server. */
  look(keys: readonly string[]): string {
    const { elections, fences, made } = this.#tables;
    return `SELECT @incumbent_server AS session, ${made} AS made, ${TAKES_WRITES} AS takes_writes, ${MICROS} AS now,
  HEX(e.\`key\`) AS hex, e.nonce, HEX(e.node_id) AS node, HEX(e.metadata) AS metadata, e.token, e.since, e.ttl,
  e.ends_at, e.run, e.waits_until, e.floor, f.token AS fence
FROM (SELECT 1 AS one) AS always
LEFT JOIN ${elections} AS e ON e.\`key\` IN (${keys.map(textLiteral).join(", ")})
LEFT JOIN ${fences} AS f ON f.\`key\` = e.\`key\``;
  }

  /**
   * Elects. The fence is locked before the election, or a candidate that waits for a transaction of the leader would
   * keep the leader from renewing. Nothing has been decided meanwhile if the tokens are those that were seen.
   */
  acquire(wish: SqlWish, seen: Sight, token: number, server: Server): string {
    return `${this.#both}
SET f.token = ${numberLiteral(token)}, ${this.#holder(wish, "e.")}, e.token = ${numberLiteral(token)},
  e.since = ${numberLiteral(seen.now)}, e.ends_at = ${MICROS} + ${numberLiteral(wish.ttl)}
WHERE ${this.#isOf(wish, "f.")} AND f.token = ${numberLiteral(seen.fence)} AND e.token = ${numberLiteral(seen.token)}
  AND e.nonce = ${textLiteral(seen.nonce)} AND (e.nonce = '' OR e.ends_at <= ${MICROS}) AND e.waits_until <= ${MICROS}
  AND ${this.#inTime(wish, server, "e.")}`;
  }

  /** Prolongs a lease. The answer brings the time of the server, as the id that was inserted last. */
  prolong(wish: SqlWish, server: Server): string {
    return `UPDATE ${this.#tables.elections}
SET ${this.#holder(wish, "")}, ends_at = LAST_INSERT_ID(${MICROS}) + ${numberLiteral(wish.ttl)}
WHERE ${this.#isOf(wish, "")} AND nonce = ${textLiteral(wish.nonce)} AND ${MICROS} < ends_at
  AND ${this.#inTime(wish, server, "")}`;
  }

  /**
   * Prolongs several leases, each on the conditions of its own. The rows are locked one after the other, in this order,
   * and each is decided when it is locked.
   */
  prolongAll(wishes: readonly SqlWish[], server: Server): string {
    const rows = wishes.map(({ key, nonce, node_id, metadata, ttl, last }) => {
      const [which, whose] = [textLiteral(key), textLiteral(nonce)];
      const texts = `${textLiteral(node_id)} AS node_id, ${textLiteral(metadata)} AS metadata`;
      const numbers = `${numberLiteral(ttl)} AS ttl, ${numberLiteral(last)} AS last`;
      return `SELECT ${which} COLLATE utf8mb4_bin AS \`key\`, ${whose} COLLATE utf8mb4_bin AS nonce, ${texts}, ${numbers}`;
    });
    return `UPDATE (${rows.join("\nUNION ALL ")}) AS a STRAIGHT_JOIN ${this.#tables.elections} AS e ON e.\`key\` = a.\`key\`
SET e.node_id = a.node_id, e.metadata = a.metadata, e.ttl = a.ttl, e.ends_at = LAST_INSERT_ID(${MICROS}) + a.ttl
WHERE e.nonce = a.nonce AND ${MICROS} < e.ends_at AND ${this.#isOn(server, "e.")} AND ${MICROS} <= a.last`;
  }

  /**
   * Restores a lease that the server has lost, which is possible in a quarantine only: within its not-after the lease
   * has not ended, and no other candidate was elected since the loss.
   */
  restore(wish: SqlWish, since: number, server: Server): string {
    const nonce = textLiteral(wish.nonce);
    const token = numberLiteral(wish.token);
    return `${this.#both}
SET f.token = ${token}, ${this.#holder(wish, "e.")}, e.token = ${token}, e.since = ${numberLiteral(since)},
  e.ends_at = ${MICROS} + ${numberLiteral(wish.ttl)}
WHERE ${this.#isOf(wish, "f.")} AND f.token <= ${token}
  AND ((e.nonce = ${nonce} AND (${MICROS} < e.ends_at OR ${MICROS} < e.waits_until))
    OR (e.token < ${token} AND ${MICROS} < e.waits_until))
  AND ${this.#inTime(wish, server, "e.")}`;
  }

  /** Safe at any time and on any server, so it needs neither to know the server nor a not-after. */
  release(wish: SqlWish): string {
    return `UPDATE ${this.#tables.elections} SET nonce = '', ends_at = 0
WHERE ${this.#isOf(wish, "")} AND nonce = ${textLiteral(wish.nonce)} AND ${MICROS} < ends_at AND ${TAKES_WRITES}`;
  }

  /** Notes that the server is known from now on, unless it is by now. */
  stamp({ session, run }: Server): string {
    const name = textLiteral(run);
    return `INSERT INTO ${this.#tables.elections} (\`key\`, run, since, metadata)
SELECT '', ${name}, ${MICROS}, '' FROM DUAL WHERE @incumbent_server = ${textLiteral(session)} AND ${TAKES_WRITES}
ON DUPLICATE KEY UPDATE since = IF(run = ${name}, since, ${MICROS}), run = ${name}`;
  }

  /** Since when it has been known. */
  stamped({ run }: Server): string {
    return `SELECT since, ${MICROS} AS now FROM ${this.#tables.elections} WHERE \`key\` = '' AND run = ${textLiteral(run)}`;
  }

  /** Makes the row of an election that is not there: what it had may have been forgotten when `since` began. */
  introduce(wish: SqlWish, since: number, server: Server): string {
    const until = this.#isGuarded ? numberLiteral(since + wish.quarantine) : "0";
    return `INSERT IGNORE INTO ${this.#tables.elections} (\`key\`, run, waits_until, floor, metadata)
SELECT ${textLiteral(wish.key)}, ${textLiteral(server.run)}, ${until}, ${until}, '' FROM DUAL
WHERE @incumbent_server = ${textLiteral(server.session)} AND ${TAKES_WRITES}`;
  }

  fence({ key }: SqlWish): string {
    const { elections, fences } = this.#tables;
    return `INSERT IGNORE INTO ${fences} (\`key\`, token)
SELECT \`key\`, token FROM ${elections} WHERE \`key\` = ${textLiteral(key)}`;
  }

  /**
   * Writes down that the server may have forgotten a lease of this election. It may have been as long as the one that
   * is remembered, and every earlier token is below the moment when the quarantine ends. A time too far
   * ahead is cut: the clock was set back.
   */
  mend(wish: SqlWish, since: number, server: Server): string {
    const run = textLiteral(server.run);
    const length = `GREATEST(${numberLiteral(wish.quarantine)}, ttl)`;
    const until = `GREATEST(waits_until, ${numberLiteral(since)} + ${length})`;
    const guard = this.#isGuarded
      ? `waits_until = LEAST(IF(run = ${run}, waits_until, ${until}), ${MICROS} + ${length}),
  floor = GREATEST(floor, waits_until), `
      : "";
    return `UPDATE ${this.#tables.elections} SET ${guard}ends_at = LEAST(ends_at, ${MICROS} + ttl), run = ${run}
WHERE ${this.#isOf(wish, "")} AND @incumbent_server = ${textLiteral(server.session)} AND ${TAKES_WRITES}`;
  }

  /** Both rows of an election, locked in this order. */
  get #both(): string {
    const { elections, fences } = this.#tables;
    return `UPDATE ${fences} AS f STRAIGHT_JOIN ${elections} AS e ON e.\`key\` = f.\`key\``;
  }

  #isOf({ key }: SqlWish, of: string): string {
    return `${of}\`key\` = ${textLiteral(key)}`;
  }

  #holder({ nonce, node_id, metadata, ttl }: SqlWish, of: string): string {
    const holder = [textLiteral(nonce), textLiteral(node_id), textLiteral(metadata)];
    return `${of}nonce = ${holder[0]}, ${of}node_id = ${holder[1]}, ${of}metadata = ${holder[2]}, ${of}ttl = ${numberLiteral(ttl)}`;
  }

  /** On the server that was meant, and before the not-after. */
  #inTime({ last }: SqlWish, server: Server, of: string): string {
    return `${this.#isOn(server, of)} AND ${MICROS} <= ${numberLiteral(last)}`;
  }

  /** On the server that was meant, which is the one that has written the row. */
  #isOn({ session, run }: Server, of: string): string {
    const isKnown = this.#isGuarded ? ` AND ${of}run = ${textLiteral(run)}` : "";
    return `@incumbent_server = ${textLiteral(session)}${isKnown} AND ${TAKES_WRITES}`;
  }
}
