import { builtin } from "../../../builtin.ts";
import { guard, introduction, opening } from "./redis-script-guard.ts";
import { locks } from "./redis-script-locks.ts";

// The protocol on one Redis server: every decision is made by one script, on the server's clock, over one
// hash per election. A call of the script carries up to 200 requests and decides each for itself.
// docs/stores/redis.md explains the rules; the counter-examples to leaving one out are kept as tests.
//
// KEYS[1] to KEYS[count]  the election of each request: a hash without a ttl, so neither expiry nor
//                         volatile-* eviction touches it
//            incumbent  format of this hash, 1
//            token      of the last term, kept for ever
//            nonce      of the attempt that holds the lease, "" when it is released
//            exp, ttl, since, node, metadata      of the lease (times in µs of server time)
//            run        the server that wrote this: its run_id, and the replication id of its data
//            epoch      since when that server had been known with this memory
//            until      end of the quarantine; floor: tokens must be above it
// Then, for a store with `alsoLock`, the lock of each: redis-script-locks.ts says what it is.
// KEYS[count + 1], or KEYS[2 * count + 1] with locks  the server's stamp: run, since. When this server was first seen with this memory.
//                  Absent where no key belongs to a server, as in Cluster, and before we know which it is.
//
// ARGV[1] count, [2] the server that the caller knows, [3] '1' for the guard, '0' without it, '' if no
// request needs it, [4] the quarantine, [5] how long ago the caller heard from another server, or '',
// [6] how many bytes the client puts before every key, [7] a hash tag of the slot of all keys if hints are to stay in
// its shard, or ''. Behind them each request, by its name:
//   acquire  not-after in this server's time, nonce, node, metadata, ttl, above, proposal
//   renew    the same, but the term's token in place of above, and 'join' where several servers elect
//   prolong  how many, not-after, ttl, and the nonce of each: renewals of the keys whose turn it is, the holders of which
//            are known here to be unchanged
//   introduce  nothing: the caller wants to know the server, and changes nothing
//   release  nonce, '1' for a hint
//   read
//
// The reply is that to the caller's acquaintance with the server, and one for each request; or a single 'renewed' if that
// is the reply to all.

const acquire = `
local function grant(e, at, token, since, floor)
  save(e, 'token', int(token), 'nonce', ARGV[at + 2], 'node', ARGV[at + 3], 'metadata', ARGV[at + 4],
    'exp', int(now + ARGV[at + 5]), 'ttl', ARGV[at + 5], 'since', int(since), 'run', run,
    'epoch', int(e.epoch), 'until', int(e.quarantined), 'floor', int(floor))
end
local decide = {}
function decide.acquire(e, at)
  local ended = check(e, at)
  if ended then return ended end
  if e.foreign then return answer(e, 'held', '', '', holder(e)) end
  if now < e.quarantined then
    local ends = e.live and math.max(e.exp, e.quarantined) or e.quarantined
    return answer(e, 'quarantine', e.own, int(ends - now), holder(e))
  end
  -- Also one's own earlier attempt: to overwrite it would let its clean-up free a lease that counts.
  if e.live then return answer(e, 'held', e.own, int(e.exp - now), holder(e)) end
  local token, since = math.max(seen(e) + 1, tonumber(ARGV[at + 6]) + 1, now), now
  if ARGV[at + 7] ~= '' then
    -- Servers with other clocks say the same of one term: it began when its token was the time.
    token, since = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 7])
    if token <= seen(e) then return answer(e, 'outbid') end
  end
  grant(e, at, token, since, e.floor)
  publish(e, 'changed', token)
  return answer(e, 'granted', int(token), int(since))
end
`;

const renew = `
function decide.renew(e, at)
  local ended = check(e, at)
  if ended then return ended end
  local nonce, token = ARGV[at + 2], tonumber(ARGV[at + 6])
  if e.foreign then return answer(e, 'superseded', holder(e)) end
  local quarantined = now < e.quarantined
  -- In a quarantine the end of the lease may have been reckoned by the clock of another server.
  if e.nonce == nonce and (e.live or quarantined) then
    local ttl = ARGV[at + 5]
    if e.node ~= ARGV[at + 3] or e.metadata ~= ARGV[at + 4] then
      save(e, 'node', ARGV[at + 3], 'metadata', ARGV[at + 4])
      publish(e, 'changed', e.token)
    end
    redis.call('HSET', e.key, 'exp', int(now + ttl), 'ttl', ttl)
    return answer(e, 'renewed', quarantined and 'quarantined' or 'held')
  end
  -- Forgotten, not superseded: the leader restores its lease inside its own deadline. That ends neither
  -- the quarantine nor the floor. An older term than the one remembered restores nothing.
  local forgotten = (not e.known or quarantined) and e.token < token
  -- A server that had no vote for the term when it was won gives it now, as does one that was not reached
  -- until its lease had ended. Its token may be larger, from an attempt that failed, and is kept as the
  -- floor. One that is equal is left from the release of this very term, which nothing revives.
  local missed = e.token ~= token or e.nonce == nonce
  local vacant = ARGV[at + 7] == 'join' and not quarantined and not e.live and missed
  if not forgotten and not vacant then return answer(e, 'superseded', holder(e)) end
  grant(e, at, token, token, math.max(e.floor, e.token))
  -- Where several servers elect, one says so that had no lease of this term, or may have forgotten a vote.
  return answer(e, 'renewed', vacant and 'joined' or quarantined and 'quarantined' or 'held')
end
`;

/**
 * The renewal of nearly always, at half of the cost. If anything is not as usual, the caller asks in full.
 *
 * Those that left together share a not-after and a ttl; the nonce is looked at for each key. What the other fields mean
 * depends on their text alone and on what is the same for the whole call: the time, the server, its stamp. Most keys of a
 * call have the same text there, since one call wrote them, and to read so many numbers takes as long as to write a lease.
 * So a text that was found good is compared only: what differs from it by one digit is judged anew, and what was found bad
 * is never kept.
 */
const prolong = `
-- What the renewals have in common whose turn it is.
local isUntimely, ttl, ends
local function share(notAfter, wanted)
  isUntimely, ttl, ends = caller ~= run or now > tonumber(notAfter), wanted, int(now + wanted)
end
-- The ttl with which each end of a lease was found good, and what else was.
local goodTtl, goodRun, goodEpoch, goodUntil = {}
local function prolong(key, nonce)
  if refusal then error({err = refusal}) end
  if isUntimely then return 'more' end
  local v = redis.pcall('HMGET', key, 'incumbent', 'nonce', 'exp', 'ttl', 'run', 'epoch', 'until')
  if v.err or v[1] ~= '1' or v[2] ~= nonce then return 'more' end
  if goodTtl[v[3]] ~= v[4] then
    local exp = tonumber(v[3]) or 0
    if now >= exp or exp > now + (tonumber(v[4]) or 0) then return 'more' end
    goodTtl[v[3]] = v[4]
  end
  if v[5] ~= goodRun or v[6] ~= goodEpoch or v[7] ~= goodUntil then
    if now < (tonumber(v[7]) or 0) then return 'more' end
    local epoch = tonumber(v[6]) or 0
    if ARGV[3] == '1' and (v[5] ~= run or known(v[5], epoch) ~= epoch) then return 'more' end
    goodRun, goodEpoch, goodUntil = v[5], v[6], v[7]
  end
  if v[4] == ttl then redis.call('HSET', key, 'exp', ends)
  else redis.call('HSET', key, 'exp', ends, 'ttl', ttl) end
  return 'renewed'
end
`;

const others = `
-- Safe at any time and on any server, so neither guard nor not-after.
function decide.release(e, at)
  if e.foreign or not e.live or e.nonce ~= ARGV[at + 1] then return {'none'} end
  save(e, 'nonce', '', 'exp', '0')
  if ARGV[at + 2] ~= '' then publish(e, 'released', e.token) end
  return {'released'}
end
function decide.read(e) return {'leader', holder(e)} end
function decide.introduce(e)
  if refusal then error({err = refusal}) end
  return answer(e, 'introduced')
end
`;

/** One request that fails, by its key or what stands there, harms no other: those behind it are carried on with. */
const requests = `
local width = {acquire = 8, renew = 8, release = 3, read = 1, introduce = 1}
-- \`left\`: to how many of the next keys the last 'prolong' applies.
local replies, i, at, left, renewed = {{run, int(now), mode, version}}, 1, 8, 0, 0
local function move()
  if left > 0 then at, left = at + 1, left - 1 else at = at + width[ARGV[at]] end
  i = i + 1
end
local function carryOn()
  while i <= count do
    if left > 0 then
      local reply = prolong(KEYS[i], ARGV[at])
      if reply == 'renewed' then renewed = renewed + 1 end
      replies[i + 1] = reply
      move()
    elseif ARGV[at] == 'prolong' then
      share(ARGV[at + 2], ARGV[at + 3])
      left, at = tonumber(ARGV[at + 1]), at + 4
    else
      replies[i + 1] = decide[ARGV[at]](open(KEYS[i]), at)
      move()
    end
  end
end
while i <= count do
  local ok, failure = pcall(carryOn)
  if not ok then
    replies[i + 1] = {'error', type(failure) == 'table' and failure.err or tostring(failure)}
    move()
  end
end
if renewed == count then return {replies[1], 'renewed'} end
return replies
`;

/** What the script can be asked. */
export type ScriptName = "acquire" | "renew" | "prolong" | "release" | "read" | "introduce";

const decisions = [introduction, guard, acquire, renew, prolong, others].join("");

/** Works on every version. */
export const script = [opening("count"), decisions, requests].join("");

/**
 * For calls without an acquire, from Redis 7: a server at `maxmemory` refuses a new leader, but the sitting one
 * keeps its lease and can release it.
 */
export const leaderScript = withoutMemoryLimit(script);

/** The same two for a store with `alsoLock`. */
export const lockingScript = [opening("2 * count"), decisions, locks, requests].join("");
export const lockingLeaderScript = withoutMemoryLimit(lockingScript);

function withoutMemoryLimit(text: string): string {
  return `#!lua flags=allow-oom\n${text}`;
}

const digests = new Map<string, string>();

/** The name of a script on the server: its SHA-1. Computed on first use and kept. */
export function digestOf(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const digest = builtin.crypto.createHash("sha1").update(text).digest("hex");
  digests.set(text, digest);
  return digest;
}
