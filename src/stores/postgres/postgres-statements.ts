import type { Tables } from "./postgres-tables.ts";

/** The clock at the moment when it is read, in µs. `now()` would be the moment when the transaction began. */
const MICROS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/**
 * Written before the notification, but on disk only with the next commit that waits for it: a release that is lost frees
 * nothing, and the election that follows it is on disk with all that came before.
 */
const AT_ONCE = `eager AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`;

/** What every statement can know of a request. */
const ASKED = `asked AS MATERIALIZED (SELECT * FROM json_to_recordset($1::text::json) AS a(
  key text COLLATE "C", nonce text, node_id text, metadata text, ttl bigint, token bigint, last bigint,
  quarantine bigint))`;

/** The texts of all statements on these tables. $1: the requests, in JSON. $2: the server that is known, for acquire and renew. */
export interface Statements {
  readonly acquire: string;
  readonly renew: string;
  readonly release: string;
  readonly read: string;
  readonly adopt: string;
  readonly keys: string;
  /** Who leads the elections, and with what metadata, as one text. */
  readonly watched: string;
}

/**
 * The row of a key, found by its index. PostgreSQL takes every statement for one of a hundred requests, for which it
 * would read a table of a thousand elections from end to end.
 */
function rowOf(table: string): string {
  return `LATERAL (SELECT r.* FROM ${table} r WHERE r.key = a.key OFFSET 0)`;
}

/** Whom the not-after was meant for, and whether the server may have forgotten something. */
export function statementsOf(tables: Tables, isGuarded: boolean): Statements {
  const me = meOf(tables, isGuarded);
  const seen = seenOf(tables, isGuarded);
  return {
    acquire: acquireOf(tables, isGuarded, me, seen),
    renew: renewOf(tables, isGuarded, me, seen),
    release: releaseOf(tables),
    read: readOf(tables),
    adopt: adoptOf(tables, isGuarded, me),
    keys: `SELECT coalesce(json_agg(key), '[]')::text AS reply FROM ${tables.elections}`,
    watched: `WITH ${ASKED} SELECT coalesce(json_agg(json_build_object('key', e.key, 'isFree', e.nonce = '',
  'state', e.token || ' ' || md5(e.node_id || ' ' || e.metadata))), '[]')::text AS reply
FROM asked a JOIN ${tables.elections} e ON e.key = a.key`,
  };
}

/**
 * Who the server is, and that its commit is on disk before it is confirmed. Another process, timeline or file may
 * have lost what was written before.
 */
function meOf({ elections, fences }: Tables, isGuarded: boolean): string {
  const run = isGuarded
    ? `(SELECT system_identifier FROM pg_control_system())
    || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    || '.' || (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
    || '.' || pg_relation_filenode('${elections}') || '.' || pg_relation_filenode('${fences}')`
    : "'unguarded'::text";
  return `me AS MATERIALIZED (SELECT ${run} AS run, set_config('synchronous_commit',
  CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true))`;
}

/** The elections as they stand, unlocked, so that a refusal waits for nothing and writes nothing. */
function seenOf({ elections, fences }: Tables, isGuarded: boolean): string {
  const forgets = isGuarded
    ? `s.known <> s.at OR s.waits_until > s.now + greatest(s.quarantine, s.lasts)`
    : "false";
  return `seen AS MATERIALIZED (
  SELECT a.*, me.run AS at, e.run AS known, e.nonce AS holder, e.node_id AS leader, e.metadata AS says,
    e.token AS term, e.since AS began, e.ttl AS lasts, e.ends_at, e.waits_until, f.token AS fence, ${MICROS} AS now
  FROM me CROSS JOIN asked a LEFT JOIN ${rowOf(elections)} e ON true LEFT JOIN ${rowOf(fences)} f ON true),
checked AS MATERIALIZED (
  SELECT s.*, s.holder <> '' AND s.now < s.ends_at AS is_live, CASE
    WHEN s.at <> $2 THEN 'server'
    WHEN s.now > s.last THEN 'late'
    WHEN s.known IS NULL OR s.fence IS NULL OR s.ends_at > s.now + s.lasts OR ${forgets} THEN 'unknown'
  END AS status FROM seen s)`;
}

const HOLDER = `CASE WHEN j.is_live THEN json_build_object('node', j.leader, 'token', j.term,
    'since', j.began, 'left', j.ends_at - j.now, 'metadata', j.says, 'ttl', j.lasts) END`;

/**
 * The fence is locked before the election, or a rival that waits for a transaction of the leader would keep the leader
 * from renewing. The clock is read after the locks: what was decided before may be over.
 */
function acquireOf(
  { elections, fences, channel }: Tables,
  isGuarded: boolean,
  me: string,
  seen: string,
): string {
  return `WITH ${me}, ${ASKED}, ${seen},
judged AS MATERIALIZED (
  SELECT c.key, c.nonce, c.at, c.now, c.holder, c.leader, c.says, c.term, c.began, c.lasts, c.ends_at,
    c.waits_until, c.is_live,
    coalesce(c.status, CASE WHEN c.is_live THEN 'held' WHEN c.now < c.waits_until THEN 'quarantine' ELSE 'raced' END)
    AS status FROM checked c),
fenced AS MATERIALIZED (
  SELECT f.key, f.token FROM judged j JOIN ${fences} f ON f.key = j.key
  WHERE j.status = 'raced' FOR NO KEY UPDATE OF f SKIP LOCKED),
locked AS MATERIALIZED (
  SELECT e.key, e.nonce, e.token, e.floor, e.ends_at, e.waits_until, e.run, f.token AS fence
  FROM fenced f JOIN ${elections} e ON e.key = f.key FOR NO KEY UPDATE OF e SKIP LOCKED),
decided AS MATERIALIZED (SELECT l.*, ${MICROS} AS now FROM locked l),
won AS (
  UPDATE ${elections} e SET nonce = a.nonce, node_id = a.node_id, metadata = a.metadata, since = d.now, ttl = a.ttl,
    ends_at = d.now + a.ttl, token = greatest(d.token + 1, d.fence + 1, d.floor + 1, a.token + 1, d.now)
  FROM decided d JOIN asked a ON a.key = d.key CROSS JOIN me
  WHERE e.key = d.key AND d.now <= a.last AND d.now >= d.waits_until AND (d.nonce = '' OR d.now >= d.ends_at)
    ${isGuarded ? "AND d.run = me.run" : ""}
  RETURNING e.key, e.token, e.since),
raised AS (UPDATE ${fences} f SET token = w.token FROM won w WHERE f.key = w.key),
notified AS MATERIALIZED (SELECT count(pg_notify('${channel}', 'changed ' || w.key)) FROM won w)
SELECT json_agg(json_build_object('key', j.key, 'run', j.at, 'now', j.now,
  'status', CASE WHEN w.key IS NULL THEN j.status ELSE 'granted' END, 'token', w.token, 'since', w.since,
  'waits', j.waits_until - j.now, 'own', j.is_live AND j.holder = j.nonce, 'holder', ${HOLDER}))::text AS reply
FROM judged j LEFT JOIN won w ON w.key = j.key CROSS JOIN notified`;
}

/**
 * Prolongs the lease, or restores one that was lost, which is possible in a quarantine only: within its not-after
 * the lease has not ended, and no other candidate was elected since the loss.
 */
function renewOf(
  { elections, fences, channel }: Tables,
  isGuarded: boolean,
  me: string,
  seen: string,
): string {
  return `WITH ${me}, ${ASKED}, ${seen},
judged AS MATERIALIZED (
  SELECT c.key, c.at, c.now, c.token, c.fence, coalesce(c.status, CASE
    WHEN c.fence > c.token THEN 'superseded'
    WHEN c.holder = c.nonce AND (c.is_live OR c.now < c.waits_until) THEN 'raced'
    WHEN c.now < c.waits_until AND c.term < c.token THEN 'raced'
    ELSE 'superseded' END) AS status FROM checked c),
fenced AS MATERIALIZED (
  SELECT f.key, f.token FROM judged j JOIN ${fences} f ON f.key = j.key
  WHERE j.status = 'raced' AND j.fence < j.token FOR NO KEY UPDATE OF f SKIP LOCKED),
locked AS MATERIALIZED (
  SELECT e.key, e.nonce, e.node_id, e.metadata, e.token, e.since, e.ends_at, e.waits_until, e.run
  FROM judged j LEFT JOIN fenced f ON f.key = j.key JOIN ${elections} e ON e.key = j.key
  WHERE j.status = 'raced' AND (j.fence = j.token OR f.token <= j.token) FOR NO KEY UPDATE OF e SKIP LOCKED),
decided AS MATERIALIZED (SELECT l.*, ${MICROS} AS now FROM locked l),
done AS (
  UPDATE ${elections} e SET nonce = a.nonce, node_id = a.node_id, metadata = a.metadata, token = a.token, ttl = a.ttl,
    ends_at = d.now + a.ttl, since = CASE WHEN d.nonce = a.nonce THEN d.since ELSE a.token END
  FROM decided d JOIN asked a ON a.key = d.key CROSS JOIN me
  WHERE e.key = d.key AND d.now <= a.last ${isGuarded ? "AND d.run = me.run" : ""} AND (
    (d.nonce = a.nonce AND (d.now < d.ends_at OR d.now < d.waits_until)) OR (d.now < d.waits_until AND d.token < a.token))
  RETURNING e.key, e.token, d.nonce <> a.nonce OR d.node_id <> a.node_id OR d.metadata <> a.metadata AS is_news),
raised AS (
  UPDATE ${fences} f SET token = d.token FROM done d JOIN fenced x ON x.key = d.key
  WHERE f.key = d.key AND x.token < d.token),
notified AS MATERIALIZED (SELECT count(pg_notify('${channel}', 'changed ' || d.key)) FROM done d WHERE d.is_news)
SELECT json_agg(json_build_object('key', j.key, 'run', j.at, 'now', j.now,
  'status', CASE WHEN d.key IS NULL THEN j.status ELSE 'renewed' END))::text AS reply
FROM judged j LEFT JOIN done d ON d.key = j.key CROSS JOIN notified`;
}

/**
 * Safe at any time and on any server, so it needs neither to know the server nor a not-after. What another transaction
 * has locked may be the lease that is given back: an acquire or a renewal that was decided and is not committed yet.
 */
function releaseOf({ elections, channel }: Tables): string {
  return `WITH ${AT_ONCE}, ${ASKED},
seen AS MATERIALIZED (
  SELECT a.key, e.key IS NOT NULL AS is_there
  FROM eager CROSS JOIN asked a LEFT JOIN ${rowOf(elections)} e ON true),
locked AS MATERIALIZED (
  SELECT e.key, e.nonce, e.ends_at, a.nonce AS own FROM asked a CROSS JOIN LATERAL (
    SELECT r.* FROM ${elections} r WHERE r.key = a.key FOR NO KEY UPDATE OF r SKIP LOCKED) e),
decided AS MATERIALIZED (SELECT l.*, ${MICROS} AS now FROM locked l),
done AS (
  UPDATE ${elections} e SET nonce = '', ends_at = 0 FROM decided d
  WHERE e.key = d.key AND d.nonce = d.own AND d.now < d.ends_at RETURNING e.key),
notified AS MATERIALIZED (SELECT count(pg_notify('${channel}', 'released ' || d.key)) FROM done d)
SELECT json_agg(json_build_object('key', s.key, 'status', CASE
  WHEN d.key IS NOT NULL THEN 'released' WHEN s.is_there AND l.key IS NULL THEN 'raced' ELSE 'none' END))::text AS reply
FROM seen s LEFT JOIN locked l ON l.key = s.key LEFT JOIN done d ON d.key = s.key CROSS JOIN notified`;
}

function readOf({ elections }: Tables): string {
  return `WITH ${ASKED},
judged AS MATERIALIZED (
  SELECT a.key, e.node_id AS leader, e.metadata AS says, e.token AS term, e.since AS began, e.ttl AS lasts,
    least(e.ends_at, n.now + e.ttl) AS ends_at, n.now, e.nonce <> '' AND n.now < e.ends_at AS is_live
  FROM (SELECT ${MICROS} AS now OFFSET 0) n CROSS JOIN asked a LEFT JOIN ${rowOf(elections)} e ON true)
SELECT json_agg(json_build_object('key', j.key, 'status', 'leader', 'holder', ${HOLDER}))::text AS reply FROM judged j`;
}

/**
 * Writes down, for these elections, that the server may have forgotten a lease. It may have been as long as the one
 * that is remembered, and every earlier token is below the moment when the quarantine ends. A time too far
 * ahead is cut: the clock was set back.
 */
function adoptOf({ elections, fences, server }: Tables, isGuarded: boolean, me: string): string {
  const stamp = isGuarded
    ? `stamp AS (
  INSERT INTO ${server} AS s (id, run, since) SELECT 1, me.run, n.now FROM me CROSS JOIN n
  WHERE NOT EXISTS (SELECT FROM ${server} o WHERE o.run = me.run)
  ON CONFLICT (id) DO UPDATE SET run = EXCLUDED.run, since = ${MICROS} WHERE s.run <> EXCLUDED.run RETURNING s.since),
k AS MATERIALIZED (
  SELECT since FROM stamp UNION ALL
  SELECT s.since FROM ${server} s JOIN me ON s.run = me.run WHERE NOT EXISTS (SELECT FROM stamp))`
    : "k AS MATERIALIZED (SELECT n.now AS since FROM n)";
  const until = "least(k.since, c.now) + greatest(a.quarantine, c.ttl)";
  const [run, waits, fresh] = isGuarded
    ? [
        "me.run",
        `CASE WHEN c.run = me.run THEN c.waits_until ELSE greatest(c.waits_until, ${until}) END`,
        "least(k.since, n.now) + a.quarantine",
      ]
    : ["''", "c.waits_until", "0"];
  return `WITH ${me}, ${ASKED}, n AS MATERIALIZED (SELECT ${MICROS} AS now),
${stamp},
current AS MATERIALIZED (
  SELECT e.key, e.run, e.ttl, e.ends_at, e.waits_until, e.floor, ${MICROS} AS now
  FROM (SELECT e.* FROM asked a JOIN ${elections} e ON e.key = a.key FOR NO KEY UPDATE OF e SKIP LOCKED) e OFFSET 0),
mended AS (
  UPDATE ${elections} e SET run = ${run}, ends_at = least(c.ends_at, c.now + c.ttl),
    waits_until = least(${waits}, c.now + greatest(a.quarantine, c.ttl)),
    floor = greatest(c.floor, least(${waits}, c.now + greatest(a.quarantine, c.ttl)))
  FROM current c JOIN asked a ON a.key = c.key CROSS JOIN k CROSS JOIN me WHERE e.key = c.key),
made AS (
  INSERT INTO ${elections} (key, run, waits_until, floor)
  SELECT a.key, ${run}, ${fresh}, ${fresh} FROM asked a CROSS JOIN k CROSS JOIN me CROSS JOIN n ORDER BY a.key
  ON CONFLICT (key) DO NOTHING),
fenced AS (
  INSERT INTO ${fences} (key, token)
  SELECT a.key, coalesce(e.token, 0) FROM asked a LEFT JOIN ${elections} e ON e.key = a.key ORDER BY a.key
  ON CONFLICT (key) DO NOTHING)
SELECT '[]'::text AS reply`;
}
