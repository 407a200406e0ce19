-- What stands before both scripts that decide purchases.

local call, find, match, sub, format, concat = redis.call, string.find, string.match, string.sub, string.format, table.concat

-- What every new purchase hears, if the sale does not sell at all; nil when it does. The order is that of SalePhase.
local function refusal_of(status, opens_at, closes_at, now)
  if status == 'closed' or now >= closes_at then return 'c' end
  if status == 'paused' then return 'p' end
  if now < opens_at then return 'n' end
end

-- Writes fields and values in turn, if there are any, into a hash that stays for a day and an hour after the sale, as in sync.lua.
local function write_until(closes_at, hash, list)
  if list[1] and call('HSET', hash, unpack(list)) > 0 and call('PTTL', hash) == -1 then call('PEXPIREAT', hash, closes_at + 90000000) end
end

-- The log never expires: it is all that is known of its orders. One record of a call is filled with spaces to more than 64 bytes: a small hash whose values are all shorter
-- is kept as a list that Redis searches from the front, and the log is small most of the time.
local function write_log(log, records)
  records[2] = records[2] .. string.rep(' ', 43)
  call('HSET', log, unpack(records))
end

