-- Tells Redis what Postgres says of a sale: status, window, limits, loaded units. Doing it again changes nothing.
--
-- KEYS: sale, stock, buyers, keys, changes.
-- ARGV: epoch, sale version, status, opens_at, closes_at, then per item: sku, loaded, committed, limit per user, item version, last move.
-- Reply: 1, or 0 when the sale must be rebuilt because Redis does not hold it in this epoch.

local call = redis.call
local SALE, STOCK = KEYS[1], KEYS[2]
if #KEYS ~= 5 or #ARGV < 5 or (#ARGV - 5) % 6 ~= 0 then return redis.error_reply('BADARGS wants 5 keys and 5 arguments, then 6 per item') end

local sale = call('HMGET', SALE, 'epoch', 'status', 'version', 'closes_at')
if sale[1] ~= ARGV[1] or not sale[2] or sale[2] == 'rebuilding' or call('EXISTS', STOCK) == 0 then return 0 end
changed(KEYS[5], SALE)

local closes_at = tonumber(sale[4])
if tonumber(ARGV[2]) >= tonumber(sale[3]) then
  closes_at = tonumber(ARGV[5])
  call('HSET', SALE, 'version', ARGV[2], 'status', ARGV[3], 'opens_at', ARGV[4], 'closes_at', ARGV[5])
end

for i = 6, #ARGV, 6 do
  local sku, loaded, committed, limit, version = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), ARGV[i + 3], tonumber(ARGV[i + 4])
  local old = call('HMGET', STOCK, 'a:' .. sku, 'n:' .. sku, 'c:' .. sku, 'v:' .. sku)
  if not old[1] then
    -- A new item has nothing committed. Should it have, then these units are gone.
    call('HSET', STOCK, 'a:' .. sku, loaded - committed, 'l:' .. sku, limit, 'n:' .. sku, loaded, 'c:' .. sku, version,
      'v:' .. sku, string.format('%d', ARGV[1] * 1e9), 'm:' .. sku, ARGV[i + 5])
  elseif version >= tonumber(old[3]) then
    -- The same version may still say more units than Redis last heard: hold.lua took them and Postgres never did.
    local more = loaded - old[2]
    call('HSET', STOCK, 'a:' .. sku, old[1] + more, 'l:' .. sku, limit, 'n:' .. sku, loaded, 'c:' .. sku, version,
      'v:' .. sku, old[4] + (more > 0 and 1 or 0))
  end
end

-- A day and an hour after the end: keys are answered for a day. Never in the past, which would delete the sale at once.
local time = call('TIME')
local expires_at = math.max(closes_at + 90000000, (time[1] + 3600) * 1000)
for i = 1, 4 do call('PEXPIREAT', KEYS[i], expires_at) end
return 1
