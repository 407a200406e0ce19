import NIOCore
package import SaleCore
package import SaleService

extension RedisStock {
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

    package func loadScripts() async throws(StoreError) {
        for script in StockScript.ofPurchases {
            let reply = try await call { buffer in
                buffer.writeCommandHeader(wordCount: 3)
                buffer.writeWord("SCRIPT")
                buffer.writeWord("LOAD")
                buffer.writeWord(script.text)
            }
            guard reply == .bytes(script.digest) else { throw unreadable("SCRIPT LOAD") }
        }
    }
}
