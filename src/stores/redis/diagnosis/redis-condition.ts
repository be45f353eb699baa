import { error, note, ok, type Verdict, warning } from "../../diagnosis.ts";

/** The value of a field of INFO. */
function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}

/** The oldest version that elections work on. */
const OLDEST = 6;

/** Only from this version on may a script write when memory is full. */
const WRITES_WHEN_FULL = 7;

export function versionIn(info: string): Verdict[] {
  const version = fieldOf(info, "valkey_version") ?? fieldOf(info, "redis_version");
  if (version === undefined) return [note("The server does not say its version.")];
  const name = fieldOf(info, "server_name") === "valkey" ? "Valkey" : "Redis";
  const mode = fieldOf(info, "redis_mode") ?? fieldOf(info, "server_mode") ?? "standalone";
  const says = `${name} ${version}, ${mode}.`;
  const major = Number.parseInt(version, 10);
  if (major < OLDEST) return [error(says, `Use Redis ${OLDEST} or later.`)];
  if (major >= WRITES_WHEN_FULL) return [ok(says)];
  const limit = "When memory is full, renewals are refused too, and the leader gives up.";
  return [note(`${says} ${limit}`, `Redis ${WRITES_WHEN_FULL} renews all the same.`)];
}

/** Whether a loss of memory can be recognised. */
export function guardIn(info: string): Verdict[] {
  const hidden = ["run_id", "master_replid"].filter(
    (name) => !/[^0]/.test(fieldOf(info, name) ?? "0"),
  );
  if (hidden.length === 0) return [ok("A restart, failover or flush will be noticed.")];
  const says = `INFO shows no ${hidden.join(" and no ")}, by which a server that lost its memory is recognised.`;
  return [error(says, "Pass restartGuard=false; then a restart can make two leaders.")];
}

/** `needed`: how many replicas a lease must have. Whether the server grants leases, and what becomes of them if it fails. */
export function replicationIn(info: string, needed = 0): Verdict[] {
  if (fieldOf(info, "role") === "slave") {
    const says = "This server is a replica, which grants no lease.";
    return [error(says, "Give the address of the primary.")];
  }
  const replicas = Number(fieldOf(info, "connected_slaves") ?? 0);
  const good = fieldOf(info, "min_slaves_good_slaves");
  if (good === "0") {
    const says =
      "min-replicas-to-write is set, and no replica is up to date: every write is refused.";
    return [error(says, "Bring the replicas back.")];
  }
  if (replicas < needed) {
    const says = `minReplicas is ${needed}, and ${replicas} are connected: no process can be elected.`;
    return [error(says, "Bring the replicas back, or lower minReplicas.")];
  }
  if (replicas === 0) return [ok("A primary without replicas.")];
  const says = `A primary with ${replicas === 1 ? "1 replica" : `${replicas} replicas`}`;
  if (good !== undefined)
    return [ok(`${says}, ${good} up to date; without them it refuses writes.`)];
  return [
    note(
      `${says}. After a failover, a primary that was only cut off goes on granting leases on its side.`,
      "Set min-replicas-to-write to 1, and min-replicas-max-lag to a few seconds.",
    ),
  ];
}

/** Whether leases may vanish, or not be granted, for want of memory. */
export function memoryIn(info: string): Verdict[] {
  const policy = fieldOf(info, "maxmemory_policy");
  if (policy === undefined)
    return [note("INFO does not show maxmemory-policy.", "Make sure that it is not allkeys-*.")];
  if (policy.startsWith("allkeys")) {
    return [
      warning(
        `maxmemory-policy is ${policy}: Redis may drop a lease when memory is full, and each new election waits one ttl.`,
        "Set it to noeviction or volatile-lru, or use a server that is not a cache.",
      ),
    ];
  }
  const most = Number(fieldOf(info, "maxmemory") ?? 0);
  const used = Number(fieldOf(info, "used_memory") ?? 0);
  if (most > 0 && used > most * 0.95) {
    const share = Math.floor((used / most) * 100);
    const says = `${share} % of maxmemory is in use; when it is full, no process can be elected.`;
    return [warning(says, "Raise maxmemory, or use a server that is not a cache.")];
  }
  return [ok(`maxmemory-policy is ${policy}, which drops no lease.`)];
}

/** Whether the server's memory outlives the server. `save`: when snapshots are made, if the server says so. */
export function persistenceIn(info: string, save: string | undefined): Verdict[] {
  const failed = ["rdb_last_bgsave_status", "aof_last_write_status"].filter(
    (name) => fieldOf(info, name) === "err",
  );
  if (failed.length > 0) {
    const says = `Redis could not save its data (${failed.join(", ")}), and may refuse every write.`;
    return [warning(says, "Look at its log and disk.")];
  }
  if (fieldOf(info, "aof_enabled") === "1")
    return [ok("The data outlives a restart (append-only file).")];
  if (save === undefined) return [];
  if (save !== "")
    return [ok(`The data outlives a restart, up to the last snapshot (save ${save}).`)];
  const says =
    "The data does not outlive a restart: after one, no process is newly elected for one ttl.";
  return [note(says, "If that matters, set appendonly to yes.")];
}
