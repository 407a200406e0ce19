-- Takes orders that hold no units in Postgres out of the log, and out of their buyers' entries together with their units. Doing it again changes nothing.
--
-- KEYS: sale, stock, buyers, keys, log, changes. ARGV, per order: order id, user, sku, the key that becomes free or nothing.

if #KEYS ~= 6 or #ARGV % 4 ~= 0 then return redis.error_reply('BADARGS wants 6 keys and 4 arguments per order') end

-- While the sale is rebuilt, its entries are a copy of Postgres: an order that is in them will be taken out by its move.
local status = call('HGET', KEYS[1], 'status')
local is_counted = status and status ~= 'rebuilding'
local skus = {}
for i = 3, #ARGV, 4 do
  if ARGV[i] ~= skus[#skus] then skus[#skus + 1] = ARGV[i] end
end
changed(KEYS[6], KEYS[1], skus)

for i = 1, #ARGV, 4 do
  local id, user, sku, key = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  call('HDEL', KEYS[5], id)
  if is_counted then give_back(KEYS[2], KEYS[3], id, user, sku) end
  if key ~= '' then
    local field = user .. ' ' .. key
    if sub(call('HGET', KEYS[4], field) or '', 1, 36) == id then call('HDEL', KEYS[4], field) end
  end
end
return redis.status_reply('OK')
