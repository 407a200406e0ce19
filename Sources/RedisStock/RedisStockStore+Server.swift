import NIOCore
package import SaleCore
package import SaleService

extension RedisStockStore {
    package func identity() async throws(StoreError) -> StoreIdentity {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<StoreIdentity, StoreError>, Never>) in
            eventLoop.execute { [connection] in
                connection.value.identifyAgain { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    package func now() async throws(StoreError) -> Timestamp {
        guard
            let time = try await call(["TIME"]).elements, time.count == 2,
            let seconds = time[0].number, let microseconds = time[1].number
        else { throw unreadable("TIME") }
        return Timestamp(milliseconds: seconds * 1_000 + microseconds / 1_000)
    }

    /// What Redis says of its own settings; `nil` when it does not let this user ask.
    package func settings() async throws(StoreError) -> [String: String]? {
        var values: [String: String] = [:]
        // One by one: several in one call are of Redis 7 only.
        for setting in RedisAdvice.settings {
            let pair: [RedisValue]
            do { pair = try await call(["CONFIG", "GET", setting]).elements ?? [] } catch {
                guard case .refused = error else { throw error }
                return nil
            }
            if pair.count == 2 { values[setting] = pair[1].text }
        }
        return values
    }

    /// On keys of its own beside those of the sales, by text and by name, as recovery and purchases
    /// send theirs.
    package func probe() async throws(StoreError) {
        let keys = ["seckill:{probe:0}:hash", "seckill:{probe:0}:set"]
        guard try await evaluate(.probe, keys: keys, []).text == "OK" else { throw unreadable("probe.lua") }
        do {
            _ = try await call { buffer in
                buffer.writeCommandHeader(wordCount: 3 + keys.count)
                buffer.writeWord("EVALSHA")
                buffer.writeWord(StockScript.probe.digest)
                buffer.writeWord(Int64(keys.count))
                for key in keys { buffer.writeWord(key) }
            }
        } catch .scriptMissing {
            // The scripts were flushed between the two: Redis let us ask.
        }
        try await load(.probe)
        for command in [["HSCAN", keys[0], "0"], ["ZRANGEBYSCORE", keys[1], "1", "1"], ["ZREM", keys[1], "a"]] { _ = try await call(command) }
    }

    package func loadScripts() async throws(StoreError) {
        for script in StockScript.ofPurchases { try await load(script) }
    }

    private func load(_ script: StockScript) async throws(StoreError) {
        let reply = try await call { buffer in
            buffer.writeCommandHeader(wordCount: 3)
            buffer.writeWord("SCRIPT")
            buffer.writeWord("LOAD")
            buffer.writeWord(script.text)
        }
        guard reply == .bytes(script.digest) else { throw unreadable("SCRIPT LOAD") }
    }
}
