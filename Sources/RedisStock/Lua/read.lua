-- The books of a sale at one instant: epoch, status, sale version, entries of the reservation log, and
-- the fields and values of the stock hash that belong to the SKUs asked for, or all of them when none
-- is; nothing when Redis does not hold the sale.
--
-- KEYS: sale, stock, log. ARGV: at most 1,000 SKUs.

local call = redis.call
local sale = call('HMGET', KEYS[1], 'epoch', 'status', 'version')
local stock
if not ARGV[1] then
  stock = call('HGETALL', KEYS[2])
else
  local fields = {}
  for i = 1, #ARGV do
    local sku = ARGV[i]
    fields[4 * i - 3], fields[4 * i - 2], fields[4 * i - 1], fields[4 * i] = 'a:' .. sku, 'n:' .. sku, 'v:' .. sku, 'm:' .. sku
  end
  stock = {}
  local values = call('HMGET', KEYS[2], unpack(fields))
  for i = 1, #fields do
    if values[i] then stock[#stock + 1], stock[#stock + 2] = fields[i], values[i] end
  end
end
if not sale[1] or not sale[2] then return false end
if sale[2] ~= 'rebuilding' and not stock[1] and call('EXISTS', KEYS[2]) == 0 then return false end
return { sale[1], sale[2], sale[3] or '0', call('HLEN', KEYS[3]), stock }
