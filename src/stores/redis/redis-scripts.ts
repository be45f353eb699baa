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
// KEYS[count + 1]  the server's stamp: run, since. When this server was first seen with this memory.
//                  Absent where no key belongs to a server, as in Cluster, and before we know which it is.
//
// ARGV[1] count, [2] the server that the caller knows, [3] '1' for the guard, '0' without it, '' if no
// request needs it, [4] the quarantine, [5] how long ago the caller heard from another server, or '',
// [6] how many bytes the client puts before every key. Behind them each request, by its name:
//   acquire  not-after in this server's time, nonce, node, metadata, ttl, above, proposal
//   renew    the same, but the term's token in place of above, and 'join' where several servers elect
//   prolong  not-after, nonce, ttl: a renewal of a lease whose holder is known here to be unchanged
//   introduce  nothing: the caller wants to know the server, and changes nothing
//   release  nonce, '1' for a hint
//   read

/** The time, what is needed of the caller, and the election as it stands. */
const opening = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count, caller = tonumber(ARGV[1]), ARGV[2]
local stampKey = KEYS[count + 1]
local function int(n) return string.format('%.0f', n) end
local function info(section) return redis.pcall('INFO', section) end
local function open(key)
  local v = redis.pcall('HMGET', key, 'incumbent', 'token', 'nonce', 'exp', 'ttl', 'since', 'node',
    'metadata', 'run', 'epoch', 'until', 'floor')
  local e = {key = key, token = 0, nonce = '', exp = 0, ttl = 0, epoch = 0, quarantined = 0, floor = 0}
  if v.err then
    -- A string is a lock of Redlock or redsync: a live lease of a process that does not know us.
    if redis.call('TYPE', key).ok ~= 'string' then error(v) end
    e.foreign = true
  elseif v[1] == '1' then
    e.known, e.nonce, e.node, e.metadata, e.run = true, v[3], v[7], v[8], v[9]
    e.token, e.exp, e.ttl = tonumber(v[2]) or 0, tonumber(v[4]) or 0, tonumber(v[5]) or 0
    e.since, e.epoch = tonumber(v[6]) or 0, tonumber(v[10]) or 0
    e.quarantined, e.floor = tonumber(v[11]) or 0, tonumber(v[12]) or 0
    -- A server clock that was set back must not leave a lease that outlives its ttl.
    if e.exp > now + e.ttl then e.overlong, e.exp = true, now + e.ttl end
    e.live = e.nonce ~= '' and now < e.exp
  elseif redis.call('EXISTS', key) == 1 then
    error({err = 'WRONGTYPE The hash at this key is not an election of incumbent.'})
  end
  return e
end
local function save(e, ...) redis.call('HSET', e.key, 'incumbent', '1', ...) end
-- A hint that is denied (ACL) or lost must not fail the decision. It names its term, so that a
-- listener to several servers knows which hints belong together.
local function publish(e, hint, token)
  local channel = 'incumbent:{' .. string.sub(e.key, ARGV[6] + 1) .. '}'
  redis.pcall('PUBLISH', channel, hint .. ' ' .. int(token))
end
local function holder(e)
  if e.foreign then return '0', 'redlock', '0', int(redis.call('PTTL', e.key) * 1000), '' end
  if not e.live then return '', '', '', '', '' end
  return int(e.token), e.node, int(e.since), int(e.exp - now), e.metadata
end
`;

/** Which server this is: its name, or why it cannot be known. Asked once in a call. */
const introduction = `
local run, mode, version, refusal = 'unguarded', 'standalone', '0', nil
-- A service that hides an id may write zeros in its place.
local function id(text, field)
  local found = string.match(text, field .. ':(%x+)')
  return found and string.find(found, '[^0]') and found
end
local function introduce()
  local server, replication = info('server'), info('replication')
  if server.err or replication.err then
    return 'NOPERM The restart guard needs the command INFO: allow +info, or pass restartGuard: false.'
  end
  -- What a replica says of itself is no news of another server that can grant leases.
  if string.find(replication, 'role:slave', 1, true) then
    return "READONLY You can't write against a read only replica."
  end
  local process, data = id(server, 'run_id'), id(replication, 'master_replid')
  if not process or not data then
    return 'NOPERM The restart guard needs the ' .. (process and 'master_replid' or 'run_id')
      .. ', and INFO does not show it: pass restartGuard: false.'
  end
  -- A full resync replaces the memory and keeps the run_id; a promotion always changes the other.
  run = process .. ':' .. data
  -- Valkey calls it server_mode.
  mode = string.match(server, 'redis_mode:(%a+)') or string.match(server, 'server_mode:(%a+)') or mode
  version = string.match(server, 'redis_version:(%d+)') or version
end
if ARGV[3] == '1' then refusal = introduce() end
`;

/** Whether the server still knows what it knew. */
const guard = `
-- What a token must be above to be granted here. Not the floor of a quarantine that still lasts: it lies
-- ahead of the clock, and a token that followed it would as well, beyond the floor of the next loss.
local function seen(e)
  return now < e.quarantined and e.token or math.max(e.token, e.floor)
end
local function answer(e, status, ...) return {status, int(seen(e)), ...} end
local stamped
-- Since when this server has been known with this memory. Not if it was not, nor if the caller has heard from
-- another one since, which may have granted what is not known here.
local function known(writer, epoch)
  if stamped then return stamped end
  local server, since = writer, epoch
  if stampKey then
    local stamp = redis.call('HMGET', stampKey, 'run', 'since')
    server, since = stamp[1], tonumber(stamp[2])
  end
  if server ~= run or not since or since > now then return nil end
  if ARGV[5] ~= '' and now - tonumber(ARGV[5]) >= since then return nil end
  if stampKey then stamped = since end
  return since
end
local function noticed(e)
  local since = known(e.run, e.epoch)
  if since then return since end
  if stampKey then
    redis.call('HSET', stampKey, 'run', run, 'since', int(now))
    stamped = now
  end
  return now
end
-- Under allkeys-* a single key can vanish from a server that remembers everything else. So it is taken to
-- be if it may not be asked.
local policy
local function evicts()
  policy = policy or info('memory')
  return policy.err or string.find(policy, 'maxmemory_policy:allkeys')
end
-- The hash is asked as well as the stamp: each of them may have been written on another server.
local function remember(e, epoch, quarantine)
  if e.foreign or (e.run == run and e.epoch == epoch) then return end
  local since = epoch
  if not e.known and evicts() then since = now end
  -- The holder of a forgotten lease may believe in it for one ttl from when that was noticed,
  -- and every earlier token lies below that moment.
  local ends = since + quarantine
  if not e.known and now >= ends then return end
  e.quarantined, e.floor, e.run = math.max(e.quarantined, ends), math.max(e.floor, ends), run
  save(e, 'run', run, 'epoch', int(epoch), 'until', int(e.quarantined), 'floor', int(e.floor),
    'token', int(e.token), 'nonce', e.nonce)
end
-- The reply, if the request ends here.
local function check(e, at)
  if refusal then error({err = refusal}) end
  -- Of a message that arrived twice, one may have been granted. Then the answer to the other must not say
  -- that the attempt has nothing: it may come first.
  e.own = e.live and e.nonce == ARGV[at + 2] and '1' or ''
  -- The not-after is in the time of a server: with another one it means nothing. Nothing was done.
  if caller ~= run then return answer(e, 'server') end
  if now > tonumber(ARGV[at + 1]) then return answer(e, 'late', e.own) end
  if e.overlong then save(e, 'exp', int(e.exp)) end
  local quarantine = math.max(tonumber(ARGV[4]), tonumber(ARGV[at + 5]), e.ttl)
  -- A clock that was set back must not prolong a quarantine for ever.
  if e.quarantined > now + quarantine then
    e.quarantined = now + quarantine
    save(e, 'until', int(e.quarantined))
  end
  if ARGV[3] ~= '1' then return end
  local epoch = noticed(e)
  remember(e, epoch, quarantine)
  e.epoch = epoch
end
`;

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

/** The renewal of nearly always, at a third of the cost. If anything is not as usual, the caller asks in full. */
const prolong = `
local ends = {}
local function prolong(key, at)
  if refusal then error({err = refusal}) end
  local v = redis.pcall('HMGET', key, 'incumbent', 'nonce', 'exp', 'ttl', 'run', 'epoch', 'until')
  if v.err or v[1] ~= '1' or v[2] ~= ARGV[at + 2] then return 'more' end
  local exp, ttl = tonumber(v[3]) or 0, ARGV[at + 3]
  if caller ~= run or now > tonumber(ARGV[at + 1]) or now >= exp or exp > now + (tonumber(v[4]) or 0)
    or now < (tonumber(v[7]) or 0) then return 'more' end
  if ARGV[3] == '1' then
    local epoch = tonumber(v[6]) or 0
    if v[5] ~= run or known(v[5], epoch) ~= epoch then return 'more' end
  end
  ends[ttl] = ends[ttl] or int(now + ttl)
  if v[4] == ttl then redis.call('HSET', key, 'exp', ends[ttl])
  else redis.call('HSET', key, 'exp', ends[ttl], 'ttl', ttl) end
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

/** One request that fails, by its key or what stands there, harms no other. */
const requests = `
local width = {acquire = 8, renew = 8, prolong = 4, release = 3, read = 1, introduce = 1}
local function carryOut(name, key, at)
  if name == 'prolong' then return prolong(key, at) end
  return decide[name](open(key), at)
end
local replies, at = {{run, int(now), mode, version}}, 7
for i = 1, count do
  local name = ARGV[at]
  local ok, reply = pcall(carryOut, name, KEYS[i], at)
  if not ok then reply = {'error', type(reply) == 'table' and reply.err or tostring(reply)} end
  replies[i + 1], at = reply, at + width[name]
end
return replies
`;

/** What the script can be asked. */
export type ScriptName = "acquire" | "renew" | "prolong" | "release" | "read" | "introduce";

/** Works on every version. */
export const script = [
  ...[opening, introduction, guard, acquire, renew, prolong, others, requests],
].join("");

/**
 * For calls without an acquire, from Redis 7: a server at `maxmemory` refuses a new leader, but the sitting one
 * keeps its office and can leave it.
 */
export const officeScript = `#!lua flags=allow-oom\n${script}`;

const digests = new Map<string, string>();

/** The name of a script on the server: its SHA-1. Computed on first use and kept. */
export function digestOf(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  // Not imported: that would cost 5 ms in processes that never ask a Redis server.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha1").update(text).digest("hex");
  digests.set(text, digest);
  return digest;
}
