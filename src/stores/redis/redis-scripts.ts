// The protocol on one Redis server: every decision is one script, on the server's clock, over one hash
// per election. docs/stores/redis.md explains it; the counter-examples to leaving a rule out are kept
// as tests.
//
// KEYS[1]  the election: a hash without a ttl, so neither expiry nor volatile-* eviction touches it
//            incumbent  format of this hash, 1
//            token      of the last term, kept for ever
//            nonce      of the attempt that holds the lease, "" when it is released
//            exp, ttl, since, node, metadata      of the lease (times in µs of server time)
//            run        the server that wrote this: its run_id, and the replication id of its data
//            epoch      since when that server had been known with this memory
//            until      end of the quarantine; floor: tokens must be above it
// KEYS[2]  the server's stamp: run, since. When this server was first seen with this memory.
//          Absent where no key belongs to a server, as in Cluster, and before we know which it is.

/** Shared by the scripts: the election as it stands, at one moment. */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function int(n) return string.format('%.0f', n) end
local fields = {'incumbent', 'token', 'nonce', 'exp', 'ttl', 'since', 'node', 'metadata',
  'run', 'epoch', 'until', 'floor'}
local values = redis.pcall('HMGET', KEYS[1], unpack(fields))
local election = {token = 0, exp = 0, ttl = 0, nonce = '', epoch = 0, ['until'] = 0, floor = 0}
local foreign = false
if values.err then
  -- A string is a lock of Redlock or redsync: a live lease of a process that does not know us.
  if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return values end
  foreign = true
elseif values[1] == '1' then
  for i, field in ipairs(fields) do election[field] = values[i] end
  for _, field in ipairs({'token', 'exp', 'ttl', 'since', 'epoch', 'until', 'floor'}) do
    election[field] = tonumber(election[field]) or 0
  end
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.error_reply('WRONGTYPE The hash at this key is not an election of incumbent.')
end
local known = election.incumbent == '1'
-- A server clock that was set back must not leave a lease that outlives its ttl.
local overlong = election.exp > now + election.ttl
if overlong then election.exp = now + election.ttl end
local live = known and election.nonce ~= '' and now < election.exp
local function save(...) redis.call('HSET', KEYS[1], 'incumbent', '1', ...) end
-- A hint that is denied (ACL) or lost must not fail the decision. It names its term, so that a
-- listener to several servers knows which hints belong together.
local function publish(channel, hint, token)
  return redis.pcall('PUBLISH', channel, hint .. ' ' .. int(token))
end
local function holder()
  if foreign then return '0', 'redlock', '0', int(redis.call('PTTL', KEYS[1]) * 1000), '' end
  if not live then return '', '', '', '', '' end
  return int(election.token), election.node, int(election.since), int(election.exp - now),
    election.metadata
end
`;

/**
 * Which server this is, and whether it still knows what it knew. ARGV[1] the server that the caller
 * knows, ARGV[2] the not-after in this server's time, ARGV[3] the quarantine, ARGV[4] '1' for the guard,
 * ARGV[8] the ttl, ARGV[12] how long ago the caller heard from another server, or ''.
 */
const guard = `
local run, mode, version = 'unguarded', 'standalone', '0'
local function info(section) return redis.pcall('INFO', section) end
-- A service that hides an id may write zeros in its place.
local function id(text, field)
  local found = string.match(text, field .. ':(%x+)')
  return found and string.find(found, '[^0]') and found
end
if ARGV[4] == '1' then
  local server, replication = info('server'), info('replication')
  if server.err or replication.err then
    return redis.error_reply('NOPERM The restart guard needs the command INFO: allow +info, or pass restartGuard: false.')
  end
  -- What a replica says of itself is no news of another server that can grant leases.
  if string.find(replication, 'role:slave', 1, true) then
    return redis.error_reply("READONLY You can't write against a read only replica.")
  end
  local process, data = id(server, 'run_id'), id(replication, 'master_replid')
  if not process or not data then
    return redis.error_reply('NOPERM The restart guard needs the ' .. (process and 'master_replid' or 'run_id')
      .. ', and INFO does not show it: pass restartGuard: false.')
  end
  -- A full resync replaces the memory and keeps the run_id; a promotion always changes the other.
  run = process .. ':' .. data
  -- Valkey calls it server_mode.
  mode = string.match(server, 'redis_mode:(%a+)') or string.match(server, 'server_mode:(%a+)') or mode
  version = string.match(server, 'redis_version:(%d+)') or version
end
-- What a token must be above to be granted here. Not the floor of a quarantine that still lasts: it lies
-- ahead of the clock, and a token that followed it would as well, beyond the floor of the next loss.
local function seen()
  return now < election['until'] and election.token or math.max(election.token, election.floor)
end
local function answer(status, ...)
  return {status, run, int(now), mode, version, int(seen()), ...}
end
-- Of a message that arrived twice, one may have been granted. Then the answer to the other must not say
-- that the attempt has nothing: it may come first.
local own = live and election.nonce == ARGV[5] and '1' or ''
-- The not-after is in the time of a server: with another one it means nothing. Nothing was done.
if ARGV[1] ~= run then return answer('server') end
if now > tonumber(ARGV[2]) then return answer('late', own) end
if overlong then save('exp', int(election.exp)) end
local quarantine = math.max(tonumber(ARGV[3]), tonumber(ARGV[8]), election.ttl)
-- A clock that was set back must not prolong a quarantine for ever.
if election['until'] > now + quarantine then
  election['until'] = now + quarantine
  save('until', int(election['until']))
end
-- Since when this server has been known with this memory: from now on, if it was not, or if the caller
-- has heard from another one since, which may have granted what is not known here.
local function noticed()
  local server, since = election.run, election.epoch
  if KEYS[2] then
    local stamp = redis.call('HMGET', KEYS[2], 'run', 'since')
    server, since = stamp[1], tonumber(stamp[2])
  end
  local isKnown = server == run and since and since <= now
  if isKnown and (ARGV[12] == '' or now - tonumber(ARGV[12]) < since) then return since end
  if KEYS[2] then redis.call('HSET', KEYS[2], 'run', run, 'since', int(now)) end
  return now
end
-- Under allkeys-* a single key can vanish from a server that remembers everything else. So it is taken to
-- be if it may not be asked.
local function evicts()
  local memory = info('memory')
  return memory.err or string.find(memory, 'maxmemory_policy:allkeys')
end
local epoch = election.epoch
if ARGV[4] == '1' then epoch = noticed() end
-- The hash is asked as well as the stamp: each of them may have been written on another server.
if ARGV[4] == '1' and not foreign and (election.run ~= run or election.epoch ~= epoch) then
  local since = epoch
  if not known and evicts() then since = now end
  -- The holder of a forgotten lease may believe in it for one ttl from when that was noticed,
  -- and every earlier token lies below that moment.
  local ends = since + quarantine
  if known or now < ends then
    election['until'] = math.max(election['until'], ends)
    election.floor = math.max(election.floor, ends)
    election.run = run
    save('run', run, 'epoch', int(epoch), 'until', int(election['until']),
      'floor', int(election.floor), 'token', int(election.token), 'nonce', election.nonce)
  end
end
`;

/**
 * ARGV[5] nonce, [6] node, [7] metadata, [8] ttl, [9] channel, [10] above, [11] the token that the
 * candidate proposes to several servers, or '' where this one chooses it, [12] see above.
 */
const acquire = `${prelude}${guard}
if foreign then return answer('held', '', '', holder()) end
if now < election['until'] then
  local ends = live and math.max(election.exp, election['until']) or election['until']
  return answer('quarantine', own, int(ends - now), holder())
end
-- Also one's own earlier attempt: to overwrite it would let its clean-up free a lease that counts.
if live then return answer('held', own, int(election.exp - now), holder()) end
local token, since = math.max(seen() + 1, tonumber(ARGV[10]) + 1, now), now
if ARGV[11] ~= '' then
  -- Servers with other clocks say the same of one term: it began when its token was the time.
  token, since = tonumber(ARGV[11]), tonumber(ARGV[11])
  if token <= seen() then return answer('outbid') end
end
save('token', int(token), 'nonce', ARGV[5], 'node', ARGV[6], 'metadata', ARGV[7],
  'exp', int(now + ARGV[8]), 'ttl', ARGV[8], 'since', int(since), 'run', run,
  'epoch', int(epoch), 'until', int(election['until']), 'floor', int(election.floor))
publish(ARGV[9], 'changed', token)
return answer('granted', int(token), int(since))
`;

/** As acquire, but ARGV[10] is the term's token, and [11] is 'join' where several servers elect. */
const renew = `${prelude}${guard}
local token = tonumber(ARGV[10])
if foreign then return answer('superseded', holder()) end
local quarantined = now < election['until']
-- Where several servers elect, one says so that had no lease of this term, or may have forgotten a vote.
local function renewed(joined)
  return answer('renewed', joined and 'joined' or quarantined and 'quarantined' or 'held')
end
-- In a quarantine the end of the lease may have been reckoned by the clock of another server.
if election.nonce == ARGV[5] and (live or quarantined) then
  local isNews = election.node ~= ARGV[6] or election.metadata ~= ARGV[7]
  if isNews then save('node', ARGV[6], 'metadata', ARGV[7]) end
  save('exp', int(now + ARGV[8]), 'ttl', ARGV[8])
  if isNews then publish(ARGV[9], 'changed', election.token) end
  return renewed(false)
end
-- Forgotten, not superseded: the leader restores its lease inside its own deadline. That ends neither
-- the quarantine nor the floor. An older term than the one remembered restores nothing.
local forgotten = (not known or quarantined) and election.token < token
-- A server that had no vote for the term when it was won gives it now, as does one that was not reached
-- until its lease had ended. Its token may be larger, from an attempt that failed, and is kept as the
-- floor. One that is equal is left from the release of this very term, which nothing revives.
local missed = election.token ~= token or election.nonce == ARGV[5]
local vacant = ARGV[11] == 'join' and not quarantined and not live and missed
if forgotten or vacant then
  save('token', int(token), 'nonce', ARGV[5], 'node', ARGV[6], 'metadata', ARGV[7],
    'exp', int(now + ARGV[8]), 'ttl', ARGV[8], 'since', int(token), 'run', run,
    'epoch', int(epoch), 'until', int(election['until']), 'floor', int(math.max(election.floor, election.token)))
  return renewed(vacant)
end
return answer('superseded', holder())
`;

/**
 * ARGV[1] nonce, [2] channel, or '' for no hint. Safe at any time and on any server, so neither guard
 * nor not-after.
 */
const release = `${prelude}
if foreign or not live or election.nonce ~= ARGV[1] then return {'none'} end
save('nonce', '', 'exp', '0')
if ARGV[2] ~= '' then publish(ARGV[2], 'released', election.token) end
return {'released'}
`;

const read = `${prelude}
return {'leader', holder()}
`;

export type ScriptName = "acquire" | "renew" | "release" | "read";

export type RedisScripts = Readonly<Record<ScriptName, string>>;

/** Work on every version. */
export const scripts: RedisScripts = { acquire, renew, release, read };

const allowOom = "#!lua flags=allow-oom\n";

/**
 * From Redis 7: a server at `maxmemory` refuses a new leader, but the sitting one keeps its office and
 * can leave it.
 */
export const scriptsSince7: RedisScripts = {
  ...scripts,
  renew: allowOom + renew,
  release: allowOom + release,
};

const digests = new Map<string, string>();

/** The name of a script on the server: its SHA-1. Reckoned on first use and kept. */
export async function digestOf(script: string): Promise<string> {
  const known = digests.get(script);
  if (known !== undefined) return known;
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script));
  const name = Buffer.from(digest).toString("hex");
  digests.set(script, name);
  return name;
}
