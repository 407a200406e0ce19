-- Keeps the newest timeline of each cluster of Postgres.
--
-- KEYS: timelines. ARGV: cluster, number, and so on in pairs.
-- Reply: the newest number of each of these clusters.

local call = redis.call
if #KEYS ~= 1 or #ARGV % 2 ~= 0 then return redis.error_reply('BADARGS wants 1 key and pairs of cluster and number') end
for _, argument in ipairs(ARGV) do
  if not string.find(argument, '^-?%d+$') then return redis.error_reply('BADARGS wants numbers') end
end

local newest = {}
for i = 1, #ARGV, 2 do
  local known = tonumber(call('HGET', KEYS[1], ARGV[i]) or '0')
  local seen = tonumber(ARGV[i + 1])
  if seen > known then call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  newest[#newest + 1] = math.max(seen, known)
end
return newest
