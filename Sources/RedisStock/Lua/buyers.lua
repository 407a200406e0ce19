-- What stands before every script that gives or takes units outside a purchase.
--
-- The rule that all scripts keep: available units of a sku = loaded units - the units of all orders in its buyers' entries. So an order's units come back exactly
-- when it leaves its buyer's entry, and whether it is there tells whether its units were ever taken from this number.

local call, find, match, sub = redis.call, string.find, string.match, string.sub

-- An entry without order `id`, and the order's quantity; nil when the entry does not hold it. An empty entry is ''.
local function without(entry, id)
  local first, last = find(entry or '', ' ' .. id .. ':', 1, true)
  if not first then return nil end
  local quantity = match(entry, '^%d+', last + 1)
  local held = match(entry, '^%d+')
  local orders = sub(entry, #held + 1, first - 1) .. sub(entry, last + #quantity + 1)
  return orders == '' and '' or held - quantity .. orders, quantity
end

-- Takes order `id` out of its buyer's entry and puts its units back on sale; false when the entry does not hold it.
local function give_back(stock, buyers, id, user, sku)
  local buyer = sku .. ' ' .. user
  local entry, quantity = without(call('HGET', buyers, buyer), id)
  if not entry then return false end
  if entry == '' then call('HDEL', buyers, buyer) else call('HSET', buyers, buyer, entry) end
  -- An item that the sale does not have must not come into being by its units.
  if call('HEXISTS', stock, 'a:' .. sku) == 0 then return true end
  call('HINCRBY', stock, 'a:' .. sku, quantity)
  call('HINCRBY', stock, 'v:' .. sku, 1)
  return true
end

