-- A node says that it is there. Its hash lives for a few seconds after this.
--
-- KEYS: the node's hash, the list of nodes, what operators want of them. ARGV: its id, for how many
-- milliseconds it lives, then fields and values.
-- Reply: what an operator wants of it, until it has gone: a reply may be lost. Nothing when that is
-- nothing.

local call = redis.call
if #KEYS ~= 3 or #ARGV < 4 or #ARGV % 2 ~= 0 then return redis.error_reply('BADARGS wants 3 keys, id, lifetime, fields and values') end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

call('UNLINK', KEYS[1])
-- Lua's stack holds no more than some thousands.
for i = 3, #ARGV, 1000 do call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
call('PEXPIREAT', KEYS[1], string.format('%.0f', now + ARGV[2]))
call('ZADD', KEYS[2], string.format('%.0f', now), ARGV[1])
for _, gone in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - 10 * ARGV[2]))) do
  call('ZREM', KEYS[2], gone)
  call('HDEL', KEYS[3], gone)
end
return call('HGET', KEYS[3], ARGV[1])
