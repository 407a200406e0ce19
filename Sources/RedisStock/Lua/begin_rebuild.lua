-- Forgets stock, buyers and keys of a sale and refuses its purchases until the rebuild ends. The log stays.
--
-- KEYS: sale, stock, buyers, keys, changes. ARGV: the new epoch.

local call = redis.call
if #KEYS ~= 5 or #ARGV ~= 1 or not string.find(ARGV[1], '^%d+$') then return redis.error_reply('BADARGS wants 5 keys and an epoch') end

-- A process that was asleep since an older epoch must not undo a newer rebuild.
local epoch = call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return redis.error_reply('STALEEPOCH the sale is at epoch ' .. epoch) end

changed(KEYS[5], KEYS[1])
-- UNLINK: freeing a million buyers would hold up every other sale.
call('UNLINK', unpack(KEYS, 1, 4))
call('HSET', KEYS[1], 'epoch', ARGV[1], 'status', 'rebuilding')
return redis.status_reply('OK')
