-- Forgets stock, buyers and keys of a sale and refuses its purchases until the rebuild ends. The log stays, and so do the orders that are given.
--
-- KEYS: sale, stock, buyers, keys, changes. ARGV: the new epoch, then per order that stays counted: order id, user, sku, quantity, idempotency key or nothing.

local call = redis.call
if #KEYS ~= 5 or (#ARGV - 1) % 5 ~= 0 or not string.find(ARGV[1], '^%d+$') then
  return redis.error_reply('BADARGS wants 5 keys and an epoch, then 5 arguments per order')
end

-- A process that was asleep since an older epoch must not undo a newer rebuild.
local epoch = call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return redis.error_reply('STALEEPOCH the sale is at epoch ' .. epoch) end

changed(KEYS[5], KEYS[1])
-- UNLINK: freeing a million buyers would hold up every other sale.
call('UNLINK', unpack(KEYS, 1, 4))
call('HSET', KEYS[1], 'epoch', ARGV[1], 'status', 'rebuilding')
-- In the same step: whoever is killed in the middle of a rebuild leaves them to the next one.
for i = 2, #ARGV, 5 do
  local id, user, sku, quantity, key = unpack(ARGV, i, i + 4)
  local buyer = sku .. ' ' .. user
  local held, orders = string.match(call('HGET', KEYS[3], buyer) or '0', '^(%d+)(.*)$')
  call('HSET', KEYS[3], buyer, held + quantity .. orders .. ' ' .. id .. ':' .. quantity)
  if key ~= '' then call('HSET', KEYS[4], user .. ' ' .. key, id .. ' ' .. sku .. ' ' .. quantity) end
end
return redis.status_reply('OK')
