import { error, note, ok, type Verdict, warning } from "../../diagnosis.ts";
import { unexpected } from "../script/redis-reply.ts";

/**
 * Tries every command that the scripts use, and changes nothing: the fields of HSET are odd in number, which Redis
 * finds last, after it has looked at rights, memory and replicas; so are the options of SET. Keys: the stamp, if there
 * is one. Arguments: the channel; a key at which nothing is; '1' on a node of a cluster; the key of a lock, if there is
 * one. The keys are not declared, since the user may lack the right to what stands for the keys of elections: see
 * {@link rightsIn}. The channel may be of another node's slot, which is refused after the rights were looked at.
 */
export const attempt = `
local failed = {}
local function try(command, ...)
  local reply = redis.pcall(command, ...)
  if type(reply) == 'table' and reply.err then
    failed[#failed + 1] = command
    failed[#failed + 1] = reply.err
  end
end
try('TIME')
try('INFO', 'server')
try('PUBLISH', ARGV[1], 'doctor')
local key = KEYS[1] or ARGV[2]
try('HMGET', key, 'run')
try('EXISTS', key)
try('TYPE', key)
try('PTTL', key)
try('HSET', key, 'run', 'since', 'odd')
if ARGV[3] == '1' then
  try('SPUBLISH', ARGV[1], 'doctor')
  try('PUBSUB', 'NUMSUB', ARGV[1])
end
if ARGV[4] then
  try('GET', ARGV[4])
  try('SET', ARGV[4], 'x', 'odd')
  try('DEL', ARGV[2])
end
return failed`;

/** What comes without each of the commands. */
const needs: Readonly<Record<string, (reply: string) => Verdict>> = {
  TIME: (reply) => noElection("time", reply),
  INFO: (reply) =>
    error(
      `INFO is denied (${reply}), by which a server that lost its memory is recognised.`,
      "Grant +info, or pass restartGuard=false.",
    ),
  HMGET: (reply) => noElection("hmget", reply),
  HSET: (reply) => noElection("hset", reply),
  EXISTS: (reply) => sometimes("exists", "new elections", reply),
  TYPE: (reply) => sometimes("type", "keys that hold something else", reply),
  PTTL: (reply) => sometimes("pttl", "locks of Redlock", reply),
  GET: (reply) => noElection("get", reply),
  SET: (reply) => noElection("set", reply),
  DEL: (reply) =>
    warning(
      `DEL is denied (${reply}): the lock of alsoLock stays after a release, until it expires.`,
      "Grant +del.",
    ),
  PUBLISH: (reply) =>
    warning(
      `PUBLISH is denied (${reply}): candidates notice a release only when the lease would have expired.`,
      "Grant +publish and &incumbent:*.",
    ),
  SPUBLISH: (reply) =>
    note(
      `SPUBLISH is denied (${reply}): every hint goes to all nodes of the cluster.`,
      "Grant +spublish and &incumbent:*.",
    ),
  PUBSUB: (reply) =>
    note(
      `PUBSUB NUMSUB is denied (${reply}): a candidate that cannot listen in the shard may miss a release until the lease would have expired.`,
      "Grant +pubsub|numsub.",
    ),
};

function noElection(command: string, reply: string): Verdict {
  const name = command.toUpperCase();
  return error(`${name} fails (${reply}): no process can be elected.`, `Grant +${command}.`);
}

function sometimes(command: string, what: string, reply: string): Verdict {
  const name = command.toUpperCase();
  return warning(`${name} is denied (${reply}): ${what} cause errors.`, `Grant +${command}.`);
}

/** Replies to HSET that have nothing to do with rights. */
const states: readonly (readonly [text: RegExp, verdict: Verdict])[] = [
  [
    /^READONLY/,
    error("This server is a replica, which grants no lease.", "Give the address of the primary."),
  ],
  [
    /\bOOM\b/,
    error(
      "Memory is full: no process can be elected.",
      "Raise maxmemory, or use a server that is not a cache.",
    ),
  ],
  [
    /\bMISCONF\b/,
    error(
      "Redis cannot write its snapshots, and so refuses every write.",
      "Look at its log and disk.",
    ),
  ],
  [
    /\bNOREPLICAS\b/,
    error(
      "Too few replicas are connected for min-replicas-to-write: every write is refused.",
      "Bring the replicas back.",
    ),
  ],
];

/** What was tried. */
export interface Tried {
  readonly isGuarded: boolean;
  /** Whether there was a stamp. Without one, only the right to the command counts. */
  readonly isStamped: boolean;
  /** The key of the lock, if it is the same for all elections. */
  readonly lockKey: string | undefined;
  /** Whether each election has a lock of its own. */
  readonly hasLockEach: boolean;
}

// In the words of Redis up to 7.0, and of those since 7.2 and of Valkey.
const noCommand = /can't run this command|no permissions to run the/;
const denied = /can't (run|publish)|ACL failure|^NOPERM/;
const noKey = /can't access at least one of the keys|No permissions to access a key/;

/** Takes the reply to {@link attempt} apart. */
export function rightsIn(reply: unknown, tried: Tried): Verdict[] {
  if (!Array.isArray(reply) || reply.length % 2 !== 0) throw unexpected(reply);
  const words = reply.map(String);
  if (words.some((word, at) => at % 2 === 0 && !Object.hasOwn(needs, word)))
    throw unexpected(reply);
  const verdicts: Verdict[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [command = "", text = ""] = words.slice(at, at + 2);
    if (command === "INFO" && !tried.isGuarded) continue;
    const verdict = verdictOf(command, text, tried);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  if (verdicts.length > 0) return verdicts;
  const says = "Every command that elections need is allowed.";
  if (!tried.hasLockEach) return [ok(says)];
  return [ok(`${says} Whether the key of alsoLock is, \`incumbent doctor KEY\` finds out.`)];
}

function verdictOf(
  command: string,
  text: string,
  { isStamped, lockKey }: Tried,
): Verdict | undefined {
  if (command === "GET" || command === "SET" || command === "DEL") {
    if (noCommand.test(text)) return needs[command]?.("no right");
    if (!noKey.test(text) || lockKey === undefined || command !== "GET") return undefined;
    return error(
      `The key of alsoLock, ${lockKey}, is denied: no process can be elected.`,
      `Grant ~${lockKey}.`,
    );
  }
  // A server before Redis 7 does not know them, and the channel may be of another node's slot.
  if (command === "SPUBLISH" || command === "PUBSUB") {
    return denied.test(text) ? needs[command]?.("no right") : undefined;
  }
  // The stamp holds something else: a finding of its own.
  if (/^WRONGTYPE/.test(text)) return undefined;
  if (command === "HSET") {
    if (/wrong number of arguments/i.test(text)) return undefined;
    const state = states.find(([pattern]) => pattern.test(text))?.[1];
    if (state !== undefined) return state;
  }
  const isOfKey = command !== "TIME" && command !== "INFO" && command !== "PUBLISH";
  if (isOfKey && !isStamped && !noCommand.test(text)) return undefined;
  const reply = noCommand.test(text) || /^NOPERM/.test(text) ? "no right" : text.slice(0, 120);
  return needs[command]?.(reply) ?? note(`${command} fails: ${reply}.`);
}
