-- KEYS: units left, units by user. ARGV: user, quantity, limit per user. Answers units left, -1 for sold out, -2 for limit reached.
local quantity = tonumber(ARGV[2])
local left = redis.call('DECRBY', KEYS[1], quantity)
if left < 0 then
    redis.call('INCRBY', KEYS[1], quantity)
    return -1
end
if redis.call('HINCRBY', KEYS[2], ARGV[1], quantity) > tonumber(ARGV[3]) then
    redis.call('HINCRBY', KEYS[2], ARGV[1], -quantity)
    redis.call('INCRBY', KEYS[1], quantity)
    return -2
end
return left
