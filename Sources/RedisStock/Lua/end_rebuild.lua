-- Ends a rebuild: the sale sells again, from what Postgres says is left.
--
-- KEYS: sale, stock, buyers, keys, changes.
-- ARGV: epoch, sale version, status, opens_at, closes_at, run, then per item: sku, loaded, committed, limit per user, item version, last move.
-- Reply: 1, or 0 when the sale is not being rebuilt in this epoch.

local call = redis.call
if #KEYS ~= 5 or #ARGV < 6 or (#ARGV - 6) % 6 ~= 0 then return redis.error_reply('BADARGS wants 5 keys and 6 arguments, then 6 per item') end

local sale = call('HMGET', KEYS[1], 'epoch', 'status')
if sale[1] ~= ARGV[1] or sale[2] ~= 'rebuilding' then return 0 end
changed(KEYS[5], KEYS[1])

for i = 7, #ARGV, 6 do
  local sku, loaded, committed = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  -- The stock version starts above any that an older epoch has reached.
  call('HSET', KEYS[2], 'a:' .. sku, loaded - committed, 'l:' .. sku, ARGV[i + 3], 'n:' .. sku, loaded, 'c:' .. sku, ARGV[i + 4],
    'v:' .. sku, string.format('%d', ARGV[1] * 1e9), 'm:' .. sku, ARGV[i + 5])
end
call('HSET', KEYS[1], 'version', ARGV[2], 'status', ARGV[3], 'opens_at', ARGV[4], 'closes_at', ARGV[5], 'run', ARGV[6])

-- As in sync.lua.
local time = call('TIME')
local expires_at = math.max(ARGV[5] + 90000000, (time[1] + 3600) * 1000)
for i = 1, 4 do call('PEXPIREAT', KEYS[i], expires_at) end
return 1
