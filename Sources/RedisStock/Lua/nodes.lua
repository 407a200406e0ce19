-- The nodes that live.
--
-- KEYS: the list of nodes. ARGV: what stands before a node's id in the key of its hash, for how many
-- milliseconds a node lives that has said so.
-- Reply: of each: its id, when it was heard of, fields and values of its hash.

local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local nodes = {}
for _, id in ipairs(call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now - ARGV[2]), '+inf')) do
  local fields = call('HGETALL', ARGV[1] .. id)
  if fields[1] then nodes[#nodes + 1] = { id, call('PTTL', ARGV[1] .. id) + now - ARGV[2], fields } end
end
return nodes
