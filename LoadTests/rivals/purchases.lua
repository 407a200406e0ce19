-- wrk: every request is the purchase of a user who has not bought before. Arguments: sale, SKU, and what the users' names begin with.
-- `response` is left out on purpose: with it wrk would parse every head into a table.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("thread", threads)
end

function init(args)
    local sale, sku, prefix = args[1], args[2], args[3]
    local body = '{"sku":"' .. sku .. '","quantity":1}'
    head = "POST /v1/sales/" .. sale .. "/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " .. #body
        .. "\r\nX-User-Id: " .. prefix .. "-" .. thread .. "-"
    tail = "\r\n\r\n" .. body
    number = 10000000
end

function request()
    number = number + 1
    return head .. number .. tail
end

-- One line for a program to read. wrk counts an answer above 399 as an error of status and as a request, too.
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
