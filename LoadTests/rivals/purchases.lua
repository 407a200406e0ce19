-- wrk: every request is the purchase of a user who has not been here before. Arguments: what the users' names begin with, the quantity, and over how many
-- sales and SKUs the purchases go in turn (bench-0, bench-1, … and unit-0, unit-1, …).
-- `response` is left out on purpose: with it wrk would parse every head into a table.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("thread", threads)
end

function init(args)
    local users, quantity = args[1], args[2]
    sales, skus = tonumber(args[3]), tonumber(args[4])
    heads, tails = {}, {}
    for sale = 0, sales - 1 do
        heads[sale] = "POST /v1/sales/bench-" .. sale .. "/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-User-Id: "
            .. users .. "-" .. thread .. "-"
    end
    for sku = 0, skus - 1 do
        local body = '{"sku":"unit-' .. sku .. '","quantity":' .. quantity .. "}"
        tails[sku] = "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
    end
    number = 10000000
end

function request()
    number = number + 1
    return heads[number % sales] .. number .. tails[number % skus]
end

-- One line for a program to read. wrk counts an answer above 399 as an error of status and as a request, too.
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
