-- Adds orders to the buyers and keys of a sale that is being rebuilt. Adding an order again changes nothing.
--
-- KEYS: sale, buyers, keys.
-- ARGV: epoch, then per order: order id, user, sku, quantity, idempotency key or nothing, 1 if it is live.

local call = redis.call
local count = (#ARGV - 1) / 6
-- The bound keeps every unpack() below Lua's limit of about 8,000 values.
if #KEYS ~= 3 or count < 1 or count > 1000 or count % 1 ~= 0 then
  return redis.error_reply('BADARGS wants 3 keys, an epoch and 1 to 1000 orders of 6 arguments')
end
local sale = call('HMGET', KEYS[1], 'epoch', 'status')
if sale[1] ~= ARGV[1] or sale[2] ~= 'rebuilding' then return redis.error_reply('STALEEPOCH the sale is not being rebuilt in this epoch') end

local function read(hash, fields)
  local values = fields[1] and call('HMGET', hash, unpack(fields)) or {}
  local found = {}
  for i = 1, #fields do found[fields[i]] = values[i] end
  return found
end
local function write(hash, list)
  if list[1] then call('HSET', hash, unpack(list)) end
end
local function add(list, field, value)
  list[#list + 1] = field
  list[#list + 1] = value
end

local buyers, keys = {}, {}
for i = 2, #ARGV, 6 do
  buyers[#buyers + 1] = ARGV[i + 2] .. ' ' .. ARGV[i + 1]
  if ARGV[i + 4] ~= '' then keys[#keys + 1] = ARGV[i + 1] .. ' ' .. ARGV[i + 4] end
end
local entries, made = read(KEYS[2], buyers), read(KEYS[3], keys)
local new_entries, new_keys = {}, {}
for i = 2, #ARGV, 6 do
  local id, user, sku, quantity, key, is_live = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5] == '1'
  local buyer, key_field = sku .. ' ' .. user, user .. ' ' .. key
  local entry = entries[buyer]
  if is_live and not (entry and string.find(entry, id, 1, true)) then
    local held, orders = string.match(entry or '0', '^(%d+)(.*)$')
    entries[buyer] = held + quantity .. orders .. ' ' .. id .. ':' .. quantity
    add(new_entries, buyer, entries[buyer])
  end
  -- Of two orders under one key, the live one is the answer.
  if key ~= '' and (is_live or not made[key_field]) then
    made[key_field] = id .. ' ' .. sku .. ' ' .. quantity
    add(new_keys, key_field, made[key_field])
  end
end
write(KEYS[2], new_entries)
write(KEYS[3], new_keys)
return redis.status_reply('OK')
