-- Decides a batch of purchases of one sale, in order, in one atomic step, on Redis's clock.
--
-- KEYS: sale, stock, buyers, keys, log, changes.
-- ARGV: the epoch, then per request: order id, "SKU QUANTITY", "USER" or "USER KEY" with the idempotency key.
-- Reply: "notloaded", "stale EPOCH", or "MILLISECONDS VERDICT VERDICT ..." with one verdict per request:
--   g granted   rID made before under this key   m key used with another payload   l or lID limit reached, newest order   sN sold out, N left
--   n not started   p paused   c closed   u unknown sku
--
-- Nothing is written before every argument is checked and every request is decided: an error reply means that nothing happened.
--
-- Interpreting this is most of what a purchase costs Redis, so per request there are few words, no call of a function of ours, and lists filled by index.

local SALE, STOCK, BUYERS, MADE, LOG, CHANGES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local args, last = ARGV, #ARGV
local epoch = args[1]

-- The bound keeps every unpack() below Lua's limit of about 8,000 values.
local count = (last - 1) / 3
if #KEYS ~= 6 or count < 1 or count > 1000 or count % 1 ~= 0 or not find(epoch, '^%d+$') then
  return redis.error_reply('BADARGS wants 6 keys, an epoch and 1 to 1000 requests of 3 arguments')
end

-- What is asked for, per "SKU QUANTITY": a batch has few different ones. Of each sku there is one stock, whatever the quantities.
local asked, stocks, skus = {}, {}, {}
local buyers, key_of, keys, keyed = {}, {}, {}, 0
for i = 2, last, 3 do
  local what, user = args[i + 1], args[i + 2]
  local item = asked[what]
  if not item then
    -- What is stored is split at spaces: a name holds none.
    local sku, quantity = match(what, '^([^ ]+) ([1-9]%d*)$')
    if sku and #quantity <= 9 then
      if not stocks[sku] then
        stocks[sku] = {}
        skus[#skus + 1] = sku
      end
      item = { stock = stocks[sku], prefix = sku .. ' ', quantity = quantity, units = tonumber(quantity) }
      asked[what] = item
    end
  end
  local key
  if find(user, ' ', 1, true) then user, key = match(user, '^([^ ]+) ([^ ]+)$') end
  local n = (i + 1) / 3
  if not item or not user or user == '' or #args[i] ~= 36 then
    return redis.error_reply('BADARGS request ' .. n .. ' wants a 36-byte id, a sku and a quantity of 1 to 999999999, a user and perhaps a key')
  end
  buyers[n] = item.prefix .. user
  if key then
    keyed = keyed + 1
    keys[keyed], key_of[n] = args[i + 2], key
  end
end

local sale = call('HMGET', SALE, 'epoch', 'status', 'opens_at', 'closes_at')
local status, opens_at, closes_at = sale[2], tonumber(sale[3] or nil), tonumber(sale[4] or nil)
if not sale[1] or not status or status == 'rebuilding' or not opens_at or not closes_at then return 'notloaded' end

-- Everything that the batch may need is read once. From then on these tables are the truth: a later request sees what an earlier one took.
local all_known, fields = true, {}
for i = 1, #skus do fields[2 * i - 1], fields[2 * i] = 'a:' .. skus[i], 'l:' .. skus[i] end
local values = call('HMGET', STOCK, unpack(fields))
for i = 1, #skus do
  local stock = stocks[skus[i]]
  stock.left, stock.limit = tonumber(values[2 * i - 1] or nil), tonumber(values[2 * i] or nil)
  all_known = all_known and stock.left
end
-- An unknown sku is not the same as a missing stock.
if not all_known and call('EXISTS', STOCK) == 0 then return 'notloaded' end
if sale[1] ~= epoch then return 'stale ' .. sale[1] end
local found = call('HMGET', BUYERS, unpack(buyers))
local made = {}
if keyed > 0 then
  local orders = call('HMGET', MADE, unpack(keys))
  for i = 1, keyed do made[keys[i]] = orders[i] end
end

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local refusal = refusal_of(status, opens_at, closes_at, now)
local now_text = format('%d', now)
local stamp = ' ' .. now_text .. ' ' .. epoch .. ' '

-- The entries that this batch changed; and what is to be written, as HSET takes it: fields and values in turn.
local entries, new_entries, new_log, filled = {}, {}, {}, 0
local new_keys, keys_filled = {}, 0
local reply = { now_text }
for n = 1, count do
  local id, what, buyer, key = args[3 * n - 1], args[3 * n], buyers[n], key_of[n]
  local entry = entries[buyer] or found[n]
  -- An order that stands in the log alone has ended in Postgres. Granting it anew takes units that its settlement gives back.
  local has_it = entry and find(entry, id, 1, true)
  local key_field = key and args[3 * n + 1]
  local earlier = key and made[key_field]
  local verdict
  -- The key comes first, so that a sale that has ended never hides an order that the caller has.
  if earlier then
    if sub(earlier, 38) ~= what then
      verdict = 'm'
    elseif sub(earlier, 1, 36) ~= id or not has_it then
      verdict = 'r' .. sub(earlier, 1, 36)
    end
  end
  -- A batch that is sent again because its reply was lost.
  if not verdict then verdict = has_it and 'g' or refusal end
  if not verdict then
    local item = asked[what]
    local stock, units = item.stock, item.units
    local left, limit = stock.left, stock.limit
    local held = entry and tonumber(match(entry, '^%d+')) or 0
    if not left or not limit then
      verdict = 'u'
    elseif held + units > limit then
      verdict = 'l' .. (entry and match(entry, '^.* (%S+):%d+$') or '')
    elseif left < units then
      verdict = 's' .. math.max(left, 0)
    else
      local quantity = item.quantity
      stock.left, stock.is_taken = left - units, true
      entry = (entry and held + units .. match(entry, ' .*$') or quantity) .. ' ' .. id .. ':' .. quantity
      entries[buyer] = entry
      filled = filled + 2
      new_entries[filled - 1], new_entries[filled] = buyer, entry
      new_log[filled - 1] = id
      new_log[filled] = buyer .. ' ' .. quantity .. stamp .. (key or '')
      if key then
        made[key_field] = id .. ' ' .. what
        keys_filled = keys_filled + 2
        new_keys[keys_filled - 1], new_keys[keys_filled] = key_field, made[key_field]
      end
      verdict = 'g'
    end
  end
  reply[n + 1] = verdict
end

-- What the looks of the nodes must read again. It comes before the first write.
local new_stock, taken = {}, {}
for i = 1, #skus do
  local stock = stocks[skus[i]]
  if stock.is_taken then
    taken[#taken + 1] = skus[i]
    new_stock[2 * #taken - 1], new_stock[2 * #taken] = 'a:' .. skus[i], format('%d', stock.left)
  end
end
if filled > 0 then
  changed(CHANGES, SALE, taken)
  call('HSET', STOCK, unpack(new_stock))
  write_log(LOG, new_log)
  write_until(closes_at, BUYERS, new_entries)
  write_until(closes_at, MADE, new_keys)
end
return concat(reply, ' ')
