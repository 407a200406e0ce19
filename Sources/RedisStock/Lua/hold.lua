-- Takes units that are not yet granted off sale. `loaded` sinks with them, so that a sync with the lowered number moves nothing more, and a
-- sync with the old number puts them back.
--
-- KEYS: sale, stock, changes. ARGV: epoch, sku, units.
-- Reply: "held", "toofew AVAILABLE", or "mustrebuild".

local call = redis.call
local sku, units = ARGV[2], ARGV[3]
if #KEYS ~= 3 or #ARGV ~= 3 or #units > 10 or not string.find(units, '^[1-9]%d*$') then
  return redis.error_reply('BADARGS wants 3 keys, an epoch, a sku and a number of units')
end

local sale = call('HMGET', KEYS[1], 'epoch', 'status')
local stock = call('HMGET', KEYS[2], 'a:' .. sku, 'n:' .. sku)
if sale[1] ~= ARGV[1] or not sale[2] or sale[2] == 'rebuilding' or not stock[1] or not stock[2] then return 'mustrebuild' end

local available = tonumber(stock[1])
units = tonumber(units)
if available < units then return 'toofew ' .. math.max(available, 0) end
changed(KEYS[3], KEYS[1], { sku })
call('HSET', KEYS[2], 'a:' .. sku, available - units, 'n:' .. sku, stock[2] - units)
return 'held'
