import FaultSuite
import Foundation
import LoadSupport

/// One address that asks as fast as this machine lets it (wrk), and what it heard.
struct Hammer: Sendable {
    /// Answers by status.
    private(set) var statuses: [String: Int] = [:]
    /// Refusals that say neither what is wrong nor when to come back.
    private(set) var rude = 0

    var count: Int { statuses.values.reduce(0, +) }

    /// From the lab's first address.
    static func run(connections: Int, on sale: ShopSale, for seconds: Int, in directory: String) async throws -> Hammer {
        guard let door = sale.doors.first else { return Hammer() }
        let headers = door.credentials("hammer") + [("Content-Type", "application/json")]
        let script = "\(directory)/hammer.lua"
        let lines = headers.map { "wrk.headers[\"\($0)\"] = \"\($1)\"" }.joined(separator: "\n")
        try Data((lines + "\n" + Self.script).utf8).write(to: URL(filePath: script))
        let outcome = try await Subprocess("wrk").succeed([
            "--threads", "1", "--connections", "\(connections)", "--duration", "\(seconds)s", "--script", script,
            "\(door.base)/v1/sales/\(sale.saleName)/orders",
        ])
        var hammer = Hammer()
        for line in outcome.data.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "heard", let count = Int(words[2]) else { continue }
            if words[1] == "rude" { hammer.rude = count } else { hammer.statuses[String(words[1])] = count }
        }
        guard hammer.count > 0 else { throw SetupFailure("wrk heard nothing: \(outcome.data)") }
        return hammer
    }

    private static let script = """
        wrk.method = "POST"
        wrk.body = '{"sku":"unit","quantity":1}'
        local threads = {}
        function setup(thread) table.insert(threads, thread) end
        function init() statuses, rude = {}, 0 end
        function response(status, headers, body)
            statuses[status] = (statuses[status] or 0) + 1
            -- 409: a buyer gets one unit, and need not come back.
            if status < 400 or status == 409 then return end
            local kind, later
            for name, value in pairs(headers) do
                name = name:lower()
                if name == "content-type" then kind = value elseif name == "retry-after" then later = tonumber(value) end
            end
            if kind ~= "application/problem+json" or not later then rude = rude + 1 end
        end
        function done()
            for _, thread in ipairs(threads) do
                for status, count in pairs(thread:get("statuses")) do print("heard " .. status .. " " .. count) end
                print("heard rude " .. thread:get("rude"))
            end
        end

        """
}
