-- What stands before every script that changes a sale outside a purchase: the record of changes, by
-- which a node's look finds what it must read again.
--
-- The record is one sorted set for all sales. Its member '#' counts the changes. The member of an
-- item, "SALE-KEY SKU", or of a whole sale, "SALE-KEY", has the count from before its last change:
-- ZRANGEBYSCORE from a count that was seen earlier gives all that has changed since, and '#'. The
-- member '@TIME', at infinity, tells one record from another that came after it was thrown away.
--
-- Called before the first write: a record that is none must fail the script while nothing is done.

local function changed(record, sale, skus)
  local call = redis.call
  local count = call('ZINCRBY', record, 1, '#') - 1
  if count == 0 then
    local time = call('TIME')
    call('ZADD', record, 'inf', '@' .. time[1] .. '.' .. time[2])
  end
  if not skus then return call('ZADD', record, count, sale) end
  local members = {}
  for i = 1, #skus do members[2 * i - 1], members[2 * i] = count, sale .. ' ' .. skus[i] end
  if skus[1] then call('ZADD', record, unpack(members)) end
end

