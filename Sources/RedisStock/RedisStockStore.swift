package import Logging
package import NIOCore
package import SaleService

/// Redis as operators, recovery and audits use it: one connection on an event loop of its own
/// choice, for calls from anywhere.
package final class RedisStockStore: StockStore {
    let eventLoop: any EventLoop
    let connection: NIOLoopBoundBox<RedisConnection>
    let logger: Logger

    package init(
        url: RedisURL, eventLoopGroup: any EventLoopGroup, logger: Logger,
        replyTimeout: TimeAmount = .seconds(Int64(Limits.redisReplySeconds))
    ) {
        let eventLoop = eventLoopGroup.next()
        self.eventLoop = eventLoop
        self.logger = logger
        self.connection = .makeBoxSendingValue(
            RedisConnection(url: url, eventLoop: eventLoop, requiresPrimary: false, replyTimeout: replyTimeout, logger: logger),
            eventLoop: eventLoop)
    }

    /// Begins to connect, and keeps a connection until `close`.
    ///
    /// - Throws: `notSent` with the reason when the first attempt failed; further ones follow by
    ///   themselves.
    package func connect() async throws(StoreError) {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<StoreIdentity, StoreError>, Never>) in
            eventLoop.execute { [connection] in
                connection.value.connect()
                connection.value.whenAttempted { continuation.resume(returning: $0) }
            }
        }
        _ = try result.get()
    }

    /// Has `body` called at every new connection from now on.
    package func onConnected(_ body: @escaping @Sendable () -> Void) {
        eventLoop.execute { [connection] in connection.value.onConnected = body }
    }

    /// Awaits the answers that are under way and closes for good.
    package func close() async {
        await withCheckedContinuation { continuation in
            eventLoop.execute { [connection] in
                connection.value.close { continuation.resume() }
            }
        }
    }

    /// Sends one command and awaits its reply.
    func call(_ write: @escaping @Sendable (inout ByteBuffer) -> Void) async throws(StoreError) -> RedisValue {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<RedisValue, StoreError>, Never>) in
            eventLoop.execute { [connection] in
                connection.value.send(write) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    func call(_ words: [String]) async throws(StoreError) -> RedisValue {
        try await call { $0.writeCommand(words) }
    }

    /// Runs a script that is not fenced, sent as text.
    func evaluate(_ script: StockScript, keys: [String], _ arguments: [String]) async throws(StoreError) -> RedisValue {
        try await call { buffer in
            buffer.writeCommandHeader(wordCount: 3 + keys.count + arguments.count)
            buffer.writeWord("EVAL")
            buffer.writeWord(script.text)
            buffer.writeWord(Int64(keys.count))
            for key in keys { buffer.writeWord(key) }
            for argument in arguments { buffer.writeWord(argument) }
        }
    }

    /// For a reply that has another form than the command promises.
    func unreadable(_ command: String) -> StoreError {
        .outcomeUnknown(reason: "the reply to \(command) cannot be read")
    }
}
