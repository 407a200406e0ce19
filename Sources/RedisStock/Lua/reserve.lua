-- Decides a batch of purchases of one sale, in order, in one atomic step, on Redis's clock.
--
-- KEYS: sale, stock, buyers, keys, log.
-- ARGV: the epoch, then per request: order id, user, sku, quantity, idempotency key or nothing.
-- Reply: "notloaded", "stale EPOCH", or "MILLISECONDS VERDICT VERDICT ..." with one verdict per request:
--   g granted   rID made before under this key   m key used with another payload   l or lID limit reached, newest order   sN sold out, N left
--   n not started   p paused   c closed   u unknown sku
--
-- Nothing is written before every argument is checked and every request is decided: an error reply means that nothing happened.

local call, find, match, sub, format, concat = redis.call, string.find, string.match, string.sub, string.format, table.concat
local SALE, STOCK, BUYERS, MADE, LOG = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local epoch = ARGV[1]

-- The bound keeps every unpack() below Lua's limit of about 8,000 values.
local count = (#ARGV - 1) / 5
if #KEYS ~= 5 or count < 1 or count > 1000 or count % 1 ~= 0 or not find(epoch, '^%d+$') then
  return redis.error_reply('BADARGS wants 5 keys, an epoch and 1 to 1000 requests of 5 arguments')
end
-- What is stored is split at spaces.
if find(concat(ARGV), ' ', 1, true) then
  return redis.error_reply('BADARGS an argument holds a space')
end
for i = 2, #ARGV, 5 do
  local quantity = ARGV[i + 3]
  if #ARGV[i] ~= 36 or ARGV[i + 1] == '' or ARGV[i + 2] == '' or #quantity > 9 or not find(quantity, '^[1-9]%d*$') then
    return redis.error_reply('BADARGS request ' .. (i + 3) / 5 .. ' wants a 36-byte id, a user, a sku and a quantity of 1 to 999999999')
  end
end

-- field -> value, or false where the hash has none
local function read(hash, fields)
  local values = fields[1] and call('HMGET', hash, unpack(fields)) or {}
  local found = {}
  for i = 1, #fields do found[fields[i]] = values[i] end
  return found
end

local sale = call('HMGET', SALE, 'epoch', 'status', 'opens_at', 'closes_at')
local status, opens_at, closes_at = sale[2], tonumber(sale[3] or nil), tonumber(sale[4] or nil)
if not sale[1] or not status or status == 'rebuilding' or not opens_at or not closes_at then return 'notloaded' end

local ids, buyers, keys, skus, stock_fields, seen = {}, {}, {}, {}, {}, {}
for i = 2, #ARGV, 5 do
  local user, sku, key = ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  ids[#ids + 1] = ARGV[i]
  buyers[#buyers + 1] = sku .. ' ' .. user
  if key ~= '' then keys[#keys + 1] = user .. ' ' .. key end
  if not seen[sku] then
    seen[sku] = true
    skus[#skus + 1] = sku
    stock_fields[#stock_fields + 1] = 'a:' .. sku
    stock_fields[#stock_fields + 1] = 'l:' .. sku
  end
end

-- Everything that the batch may need is read once. From then on these tables are the truth: a later request sees what an earlier one took.
local stock = read(STOCK, stock_fields)
local available, limits, taken, all_known = {}, {}, {}, true
for _, sku in ipairs(skus) do
  available[sku], limits[sku] = tonumber(stock['a:' .. sku] or nil), tonumber(stock['l:' .. sku] or nil)
  all_known = all_known and available[sku]
end
-- An unknown sku is not the same as a missing stock.
if not all_known and call('EXISTS', STOCK) == 0 then return 'notloaded' end
if sale[1] ~= epoch then return 'stale ' .. sale[1] end
local logged, entries, made = read(LOG, ids), read(BUYERS, buyers), read(MADE, keys)

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- What every new purchase hears, if the sale does not sell at all; nil when it does. The order is that of SalePhase.
local refusal
if status == 'closed' or now >= closes_at then
  refusal = 'c'
elseif status == 'paused' then
  refusal = 'p'
elseif now < opens_at then
  refusal = 'n'
end
-- A record is filled with spaces to more than 64 bytes: up to that size Redis keeps a small hash as a list that it searches from the front, and
-- the log is small most of the time.
local now_text = format('%d', now)
local stamp, filling = ' ' .. now_text .. ' ' .. epoch .. ' ', string.rep(' ', 43)

local new_entries, new_keys, new_log = {}, {}, {}
local function add(list, field, value)
  list[#list + 1] = field
  list[#list + 1] = value
end

local function decide(id, user, sku, quantity, key, buyer)
  local entry = entries[buyer]
  local has_it = logged[id] or (entry and find(entry, id, 1, true))
  local key_field = key ~= '' and user .. ' ' .. key
  local earlier = key_field and made[key_field]
  -- The key comes first, so that a sale that has ended never hides an order that the caller has.
  if earlier then
    if sub(earlier, 37) ~= ' ' .. sku .. ' ' .. quantity then return 'm' end
    local order = sub(earlier, 1, 36)
    if order ~= id or not has_it then return 'r' .. order end
  end
  -- A batch that is sent again because its reply was lost.
  if has_it then return 'g' end
  if refusal then return refusal end
  local left, limit, units = available[sku], limits[sku], tonumber(quantity)
  if not left or not limit then return 'u' end
  local held = entry and tonumber(match(entry, '^%d+')) or 0
  if held + units > limit then return 'l' .. (entry and match(entry, '^.* (%S+):%d+$') or '') end
  if left < units then return 's' .. math.max(left, 0) end

  available[sku], taken[sku] = left - units, true
  entry = (entry and held + units .. match(entry, ' .*$') or quantity) .. ' ' .. id .. ':' .. quantity
  entries[buyer] = entry
  add(new_entries, buyer, entry)
  if key_field then
    made[key_field] = id .. ' ' .. sku .. ' ' .. quantity
    add(new_keys, key_field, made[key_field])
  end
  add(new_log, id, sku .. ' ' .. user .. ' ' .. quantity .. stamp .. key .. (#key < 43 and filling or ''))
  return 'g'
end

local reply = { now_text }
for i = 2, #ARGV, 5 do
  local n = (i + 3) / 5
  reply[n + 1] = decide(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], buyers[n])
end

local function write(hash, list) return list[1] and call('HSET', hash, unpack(list)) or 0 end
local new_stock = {}
for _, sku in ipairs(skus) do
  if taken[sku] then add(new_stock, 'a:' .. sku, format('%d', available[sku])) end
end
write(STOCK, new_stock)
write(LOG, new_log)
-- A day and an hour, as in sync.lua. The log never expires: it is all that is known of its orders.
if write(BUYERS, new_entries) > 0 and call('PTTL', BUYERS) == -1 then call('PEXPIREAT', BUYERS, closes_at + 90000000) end
if write(MADE, new_keys) > 0 and call('PTTL', MADE) == -1 then call('PEXPIREAT', MADE, closes_at + 90000000) end
return concat(reply, ' ')
