-- The books of a sale at one instant: epoch, status, sale version, and the stock hash; nothing when Redis does not hold the sale.
--
-- KEYS: sale, stock.

local sale = redis.call('HMGET', KEYS[1], 'epoch', 'status', 'version')
local stock = redis.call('HGETALL', KEYS[2])
if not sale[1] or not sale[2] or (sale[2] ~= 'rebuilding' and not stock[1]) then return false end
return { sale[1], sale[2], sale[3] or '0', stock }
