-- Tells Redis of units that moved in Postgres alone. Each move of a sku has a number, one higher than the one before; the stock remembers the last that it knows
-- of, so that each counts once, whoever tells it and however late.
--
-- KEYS: sale, stock, buyers, keys, changes.
-- ARGV: epoch, then per move: sku, number, charge or give_back, order id, user, quantity, idempotency key or nothing.
-- Reply: one character per move: 1 when Redis knows of it now, 0 when it does not: the sale is not held in this epoch, or an earlier number is missing.

local count = (#ARGV - 1) / 7
if #KEYS ~= 5 or count < 1 or count > 1000 or count % 1 ~= 0 then
  return redis.error_reply('BADARGS wants 5 keys, an epoch and 1 to 1000 moves of 7 arguments')
end
local STOCK, BUYERS, MADE = KEYS[2], KEYS[3], KEYS[4]

local sale = call('HMGET', KEYS[1], 'epoch', 'status')
if sale[1] ~= ARGV[1] or not sale[2] or sale[2] == 'rebuilding' then return string.rep('0', count) end

local function charge(id, user, sku, quantity, key)
  local buyer = sku .. ' ' .. user
  local entry = call('HGET', BUYERS, buyer)
  if entry and find(entry, id, 1, true) then return end
  local held, orders = match(entry or '0', '^(%d+)(.*)$')
  call('HSET', BUYERS, buyer, held + quantity .. orders .. ' ' .. id .. ':' .. quantity)
  if key ~= '' then call('HSETNX', MADE, user .. ' ' .. key, id .. ' ' .. sku .. ' ' .. quantity) end
  -- Below zero when the unit was granted again meanwhile: Postgres rejects that order, and its unit comes back.
  call('HINCRBY', STOCK, 'a:' .. sku, -quantity)
end

local skus = {}
for i = 2, #ARGV, 7 do
  if ARGV[i] ~= skus[#skus] then skus[#skus + 1] = ARGV[i] end
end
changed(KEYS[5], KEYS[1], skus)

local known = {}
for i = 2, #ARGV, 7 do
  local sku, number, kind, id, user, quantity, key = unpack(ARGV, i, i + 6)
  local last = tonumber(call('HGET', STOCK, 'm:' .. sku) or nil)
  number = tonumber(number)
  if not last or number > last + 1 then
    known[#known + 1] = '0'
  else
    if number == last + 1 then
      if kind == 'charge' then charge(id, user, sku, quantity, key) else give_back(STOCK, BUYERS, id, user, sku) end
      call('HSET', STOCK, 'm:' .. sku, number)
    end
    known[#known + 1] = '1'
  end
end
return table.concat(known)
