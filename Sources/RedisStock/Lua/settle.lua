-- Takes orders that Postgres rejected out of the log and out of their buyers' entries. Their units do not come back: there were none.
-- The keys stay: they are answered. Doing it again changes nothing.
--
-- KEYS: buyers, log. ARGV, per order: order id, user, sku.

local call = redis.call
if #KEYS ~= 2 or #ARGV % 3 ~= 0 then return redis.error_reply('BADARGS wants 2 keys and 3 arguments per order') end

for i = 1, #ARGV, 3 do
  local id, buyer = ARGV[i], ARGV[i + 2] .. ' ' .. ARGV[i + 1]
  call('HDEL', KEYS[2], id)
  local entry = call('HGET', KEYS[1], buyer)
  local first, last = string.find(entry or '', ' ' .. id .. ':', 1, true)
  if first then
    local quantity = string.match(entry, '^%d+', last + 1)
    local held, orders = string.match(entry, '^(%d+)(.*)$')
    local shift = #held
    orders = string.sub(orders, 1, first - 1 - shift) .. string.sub(orders, last + #quantity + 1 - shift)
    if orders == '' then
      call('HDEL', KEYS[1], buyer)
    else
      call('HSET', KEYS[1], buyer, held - quantity .. orders)
    end
  end
end
return redis.status_reply('OK')
