package import Logging
package import NIOCore
package import SaleService

/// One event loop's connection to the Redis that holds the stock. Confined to that loop.
///
/// Connects by itself again when the connection breaks; what was under way then has an unknown
/// outcome. Must be closed: a lane that is forgotten keeps its socket.
package final class RedisReservations: ReservationLane {
    private let connection: RedisConnection
    private let logger: Logger
    private var prepared = PreparedCallCache()
    private var kept = KeptSettlements()
    private var isSettlementTimerRunning = false

    /// - Parameter replyTimeout: a call without a reply for so long has an unknown outcome, and so
    ///   have all calls after it.
    package init(
        url: RedisURL, eventLoop: any EventLoop, logger: Logger, replyTimeout: TimeAmount = .seconds(Int64(Limits.redisReplySeconds))
    ) {
        self.connection = RedisConnection(
            url: url, eventLoop: eventLoop, requiresPrimary: true, replyTimeout: replyTimeout, logger: logger)
        self.logger = logger
    }

    /// Begins to connect, and keeps a connection until `close`. `run` tells when there is one.
    package func connect() {
        connection.connect()
    }

    /// Takes no more calls, sends the settlements that are kept, awaits the answers that are under
    /// way, and closes.
    package func close() -> EventLoopFuture<Void> {
        sendKeptSettlements()
        let closed = connection.eventLoop.makePromise(of: Void.self)
        connection.close { closed.succeed() }
        return closed.futureResult
    }

    package var run: String? {
        connection.identity?.run
    }

    package func identifyAgain() {
        connection.identifyAgain()
    }

    package func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        sendKeptSettlements()
        let calls = prepared.calls(of: batch.sale)
        let requestCount = batch.requests.count
        connection.send {
            ReserveCall.write(batch, calls, into: &$0)
        } completion: { [self] result in
            switch result {
            case .success(.bytes(let bytes)):
                if let reply = ReserveCall.reply(from: bytes, requestCount: requestCount) {
                    completion(.success(reply))
                } else {
                    completion(.failure(.outcomeUnknown(reason: "the script's reply cannot be read")))
                }
            case .success:
                completion(.failure(.outcomeUnknown(reason: "the script's reply is not text")))
            case .failure(let error):
                completion(.failure(error))
                leaveReplica(error)
            }
        }
    }

    package func settle(_ settlement: Settlement) {
        for due in kept.add(settlement) { send(due) }
        guard kept.count > 0, !isSettlementTimerRunning else { return }
        isSettlementTimerRunning = true
        connection.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(Limits.settlementDelay)) {
            self.isSettlementTimerRunning = false
            self.sendKeptSettlements()
        }
    }

    private func sendKeptSettlements() {
        guard kept.count > 0 else { return }
        for settlement in kept.takeAll() { send(settlement) }
    }

    private func send(_ settlement: Settlement) {
        let calls = prepared.calls(of: settlement.sale)
        SettleCall.forEachCommand(of: settlement, calls) { write in
            connection.send(write) { [logger] result in
                guard case .failure(let error) = result else { return }
                logger.debug("judged orders stay in the reservation log until the sweep", metadata: [LogKey.error: "\(error)"])
            }
        }
    }

    /// A primary that was demoted keeps its connections; Redis 6 tells within another error's text.
    private func leaveReplica(_ error: StoreError) {
        if case .refused(let reason) = error, reason.contains("READONLY") { connection.reconnect(reason: "Redis has become a replica") }
    }
}
