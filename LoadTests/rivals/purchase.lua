-- What people build: per-user limit and pre-decrement in one atomic script, over a pool of connections to Redis.

local redis = require "nginx.redis"
local decode = require("cjson.safe").decode

local script = assert(io.open(RIVALS .. "/purchase.redis.lua")):read("*a")
local digest = ngx.sha1_bin(script):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)

local price, currency, limit = 100, "EUR", 1
-- One per worker and request under way: wrk's 512 connections find theirs open.
local pool_size, pool_idle_ms = 512, 60000

local number = 0

local function problem(status, code)
    local body = '{"status":' .. status .. ',"code":"' .. code .. '"}'
    ngx.status = status
    ngx.header["Content-Type"] = "application/problem+json"
    ngx.header["Content-Length"] = #body
    ngx.print(body)
end

local function reserve(sale, sku, user, quantity)
    local connection = redis:new()
    connection:set_timeout(5000)
    local connected = connection:connect(REDIS_SOCKET)
    if not connected then return nil end
    local stock, buyers = "stock:" .. sale .. ":" .. sku, "buyers:" .. sale .. ":" .. sku
    local left, failure = connection:evalsha(digest, 2, stock, buyers, user, quantity, limit)
    if not left and failure and failure:find("NOSCRIPT", 1, true) then
        left = connection:eval(script, 2, stock, buyers, user, quantity, limit)
    end
    if left then connection:set_keepalive(pool_idle_ms, pool_size) end
    return left
end

local function answer(sale)
    if ngx.req.get_method() ~= "POST" then return ngx.exit(405) end
    local user = ngx.var.http_x_user_id
    if not user or #user > 128 then return problem(401, "unauthenticated") end
    ngx.req.read_body()
    local order = decode(ngx.req.get_body_data())
    local sku, quantity = order and order.sku, order and order.quantity
    if type(sku) ~= "string" or type(quantity) ~= "number" or quantity < 1 or quantity % 1 ~= 0 then
        return problem(422, "invalid_request")
    end
    local left = reserve(sale, sku, user, quantity)
    if not left then return problem(503, "overloaded") end
    if left == -1 then return problem(409, "sold_out") end
    if left == -2 then return problem(409, "limit_reached") end

    number = number + 1
    -- UUIDv7: 48 bits of milliseconds, the worker, a number.
    local id = ("%012x7%03x8%015x"):format(ngx.now() * 1000, ngx.worker.pid() % 4096, number)
    id = id:gsub("^(........)(....)(....)(....)", "%1-%2-%3-%4-")
    local body = '{"id":"' .. id .. '","sale":"' .. sale .. '","sku":"' .. sku .. '","quantity":' .. quantity .. ',"unit_price":' .. price
        .. ',"currency":"' .. currency .. '","state":"reserved","created_at":"' .. ngx.utctime() .. '"}'
    ngx.status = 201
    ngx.header["Location"] = "/v1/orders/" .. id
    ngx.header["Content-Length"] = #body
    ngx.print(body)
end

return { answer = answer }
