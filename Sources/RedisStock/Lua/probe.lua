-- Does once what the other scripts do with the keys of a sale, and leaves nothing behind: whoever may run it may sell.
--
-- KEYS: a hash and a sorted set that are nobody's. ARGV: none.

local call = redis.call
local hash, set = KEYS[1], KEYS[2]
if #KEYS ~= 2 then return redis.error_reply('BADARGS wants 2 keys') end

-- A write that needs memory comes first: later ones of a script are let through, however full Redis is.
call('HSET', hash, 'a', 1, 'b', 1)
call('HSETNX', hash, 'c', 1)
call('HINCRBY', hash, 'a', 1)
call('HGET', hash, 'a')
call('HMGET', hash, 'a', 'b')
call('HGETALL', hash)
call('HEXISTS', hash, 'a')
call('HLEN', hash)
call('HDEL', hash, 'a')
call('ZADD', set, 1, 'a')
call('ZINCRBY', set, 1, 'a')
call('EXISTS', hash)
local time = call('TIME')
call('PEXPIREAT', hash, (time[1] + 60) * 1000)
call('PTTL', hash)
call('UNLINK', hash, set)
return redis.status_reply('OK')
