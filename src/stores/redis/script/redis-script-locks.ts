/**
 * For a store with `alsoLock`: the leader also holds a lock of another library, at KEYS[count + i], which is a string
 * with an expiry. Its value is the nonce of the lease, so no process of the other library takes it for its own. It is
 * taken, prolonged and given back in the same steps as the lease.
 */
export const locks = `
local lockOf = {}
for i = 1, count do lockOf[KEYS[i]] = KEYS[count + i] end
local openAlone = open
local function open(key)
  local e = openAlone(key)
  if e.foreign then return e end
  e.lock = lockOf[key]
  local value = redis.pcall('GET', e.lock)
  if type(value) == 'table' then
    error({err = value.err .. ' (the lock of alsoLock, which must be a string or absent)'})
  end
  if not value or value == e.nonce then return e end
  -- Held by a process of the other library: no lease counts, not even one that lives.
  return {key = e.lock, token = e.token, nonce = '', exp = 0, ttl = 0, epoch = 0, quarantined = 0, floor = e.floor,
    foreign = true}
end
local function lock(e, at)
  return redis.pcall('SET', e.lock, ARGV[at + 2], 'PX', int(math.ceil(ARGV[at + 5] / 1000)))
end
local decideAlone = {acquire = decide.acquire, renew = decide.renew, release = decide.release}
function decide.acquire(e, at)
  local reply = decideAlone.acquire(e, at)
  if reply[1] ~= 'granted' then return reply end
  local taken = lock(e, at)
  -- Without the lock there is no lease: a process of the other library would take it.
  if taken.err then
    save(e, 'nonce', '', 'exp', '0')
    error(taken)
  end
  return reply
end
function decide.renew(e, at)
  local reply = decideAlone.renew(e, at)
  if reply[1] ~= 'renewed' then return reply end
  local taken = lock(e, at)
  if taken.err then error(taken) end
  return reply
end
function decide.release(e, at)
  local reply = decideAlone.release(e, at)
  if reply[1] == 'released' then redis.call('DEL', e.lock) end
  return reply
end
`;
