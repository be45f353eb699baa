// The first parts of the script in redis-scripts.ts, which says what its keys and arguments are.

/**
 * The time, what is needed of the caller, and the election as it stands. `keys`: how many keys the requests have
 * together, in Lua; the stamp's comes behind them.
 */
export const opening = (keys: string): string => `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count, caller = tonumber(ARGV[1]), ARGV[2]
local stampKey = KEYS[${keys} + 1]
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
-- In a cluster it stays within the shard. Every node gets it only if one that listens here has no other way to hear
-- it, or if it was heard by none: then a slot that has just moved may have left its listeners behind.
local function publish(e, hint, token)
  local message, channel = hint .. ' ' .. int(token), 'incumbent:{' .. string.sub(e.key, ARGV[6] + 1) .. '}'
  if ARGV[7] ~= '' then
    local heard = redis.pcall('SPUBLISH', 'incumbent:{' .. ARGV[7] .. '}:' .. e.key, message)
    if type(heard) == 'number' and heard > 0 then
      local all = redis.pcall('PUBSUB', 'NUMSUB', channel)
      if all.err or all[2] <= heard then return end
    end
  end
  redis.pcall('PUBLISH', channel, message)
end
local function holder(e)
  if e.foreign then return '0', 'redlock', '0', int(redis.call('PTTL', e.key) * 1000), '', '' end
  if not e.live then return '', '', '', '', '', '' end
  return int(e.token), e.node, int(e.since), int(e.exp - now), e.metadata, int(e.ttl)
end
`;

/** Which server this is: its name, or why it cannot be known. Asked once in a call. */
export const introduction = `
local run, mode, version, refusal = 'unguarded', 'standalone', '0', nil
-- To try a pattern at every letter of the text would take a third as long as INFO itself.
local function shown(text, field, pattern)
  local _, last = string.find(text, field, 1, true)
  return last and string.match(text, pattern, last + 1)
end
-- A service that hides an id may write zeros in its place.
local function id(text, field)
  local found = shown(text, field, '^%x+')
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
  local process, data = id(server, 'run_id:'), id(replication, 'master_replid:')
  if not process or not data then
    return 'NOPERM The restart guard needs the ' .. (process and 'master_replid' or 'run_id')
      .. ', and INFO does not show it: pass restartGuard: false.'
  end
  -- A full resync replaces the memory and keeps the run_id; a promotion always changes the other.
  run = process .. ':' .. data
  -- Valkey calls it server_mode.
  mode = shown(server, 'redis_mode:', '^%a+') or shown(server, 'server_mode:', '^%a+') or mode
  version = shown(server, 'redis_version:', '^%d+') or version
end
if ARGV[3] == '1' then refusal = introduce() end
`;

/** Whether the server still knows what it knew. */
export const guard = `
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
  if not e.known and now >= ends then
    -- A proposal may be older than the loss: the clocks of servers that a candidate has not asked for long.
    e.floor = ends
    return
  end
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
