-- wrk: every request is the same one. Arguments: the method, the path, and header lines such as "Origin: https://shop.example".
-- `response` is left out on purpose: with it wrk would parse every head into a table.

function init(args)
    local lines = { args[1] .. " " .. args[2] .. " HTTP/1.1", "Host: 127.0.0.1" }
    for number = 3, #args do lines[#lines + 1] = args[number] end
    text = table.concat(lines, "\r\n") .. "\r\n\r\n"
end

function request()
    return text
end

-- The line that purchases.lua prints.
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
